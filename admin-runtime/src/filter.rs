//! The warp filter tree: routing first, then guards and handler behind it.
//!
//! Warp's combinators are generic and a chain of `or` asks every leaf, so the tree is one routing
//! filter over the registry; the whole and each leaf of it are ordinary filters to compose with.

use std::future::{Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use http::Method as HttpMethod;
use http::uri::Authority;
use warp::filters::path::{FullPath, Peek};
use warp::{Filter, Rejection, Reply};

use crate::dispatch::{RequestHead, dispatch, unguarded};
use crate::endpoint::Method;
use crate::guard::{Exposure, Target};
use crate::registry::Lookup;
use crate::response::{Body, Response};
use crate::server_context::ServerContext;

/// A filter that answers admin requests, to mount in a warp application or to compose.
///
/// ```standalone_crate
/// # use http_body_util::Empty;
/// # use tower_service::Service;
/// use admin_runtime::{AdminFilter, AdminServer, admin_endpoint};
/// use warp::Filter;
///
/// #[admin_endpoint(path = "/ping")]
/// async fn ping() -> &'static str {
///     "pong"
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let admin: AdminFilter = AdminServer::builder().filter()?;
/// let app = warp::path("app").map(|| "the application");
/// let routes = warp::path("admin").and(admin).or(app);
/// # let mut service = warp::service(routes);
/// # let mut get = async |target: &str| {
/// #     let request = http::Request::get(target).header("host", "localhost");
/// #     let request = request.body(Empty::<bytes::Bytes>::new()).expect("a request");
/// #     service.call(request).await.map(|reply| reply.status().as_u16())
/// # };
/// assert_eq!(get("/admin/ping").await?, 200);
/// assert_eq!(get("/app").await?, 200);
/// # Ok(())
/// # }
/// ```
pub type AdminFilter = warp::filters::BoxedFilter<(AdminReply,)>;

/// What a server's own socket knows of a connection; it travels in the request's extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) exposure: Exposure,
}

/// Which paths a filter answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Every path: those of no endpoint get a 404.
    All,
    /// The paths of the registry; others are rejected, so that `admin.or(app)` goes on.
    Own,
    /// One endpoint; everything else is rejected.
    Leaf(usize),
}

/// The filter over one context. `exposure` is for requests that come without a [`Connection`].
pub(crate) fn filter(context: Arc<ServerContext>, exposure: Exposure, scope: Scope) -> AdminFilter {
    route(Arc::clone(&context), scope)
        .and(warp::header::headers_cloned())
        .and(query())
        .and(target())
        .and(warp::ext::optional::<Connection>())
        .and(warp::body::stream())
        .then(
            move |route: Route, headers, query, target, connection: Option<Connection>, body| {
                let mounted = Connection {
                    peer: None,
                    exposure,
                };
                let Connection { peer, exposure } = connection.unwrap_or(mounted);
                let Route {
                    method,
                    path,
                    lookup,
                } = route;
                let head = RequestHead {
                    method,
                    path,
                    query,
                    headers,
                    target,
                    peer,
                    lookup,
                };
                let context = Arc::clone(&context);
                async move { AdminReply(dispatch(context, exposure, head, body).await) }
            },
        )
        .boxed()
}

/// Routing and handler without guards, limits and records: what the benchmark holds against warp.
pub(crate) fn routing_only(context: Arc<ServerContext>) -> AdminFilter {
    let routing = Arc::clone(&context);
    route(routing, Scope::Own)
        .then(move |route: Route| {
            let context = Arc::clone(&context);
            async move { AdminReply(unguarded(context, route.lookup).await) }
        })
        .boxed()
}

struct Route {
    method: HttpMethod,
    path: String,
    lookup: Lookup,
}

fn route(
    context: Arc<ServerContext>,
    scope: Scope,
) -> impl Filter<Extract = (Route,), Error = Rejection> + Clone {
    let look_up = move |method: HttpMethod, full: FullPath, rest: Peek| {
        let lookup = context
            .registry
            .tree()
            .find(Method::from_http(&method), rest.as_str());
        let mine = match (scope, &lookup) {
            (Scope::All, _) | (Scope::Own, Lookup::Found(..) | Lookup::MethodNotAllowed(_)) => true,
            (Scope::Own, Lookup::NotFound | Lookup::NotUtf8) => false,
            (Scope::Leaf(leaf), lookup) => {
                matches!(lookup, Lookup::Found(found, _) if *found == leaf)
            }
        };
        if !mine {
            return ready(Err(warp::reject::not_found()));
        }
        ready(Ok(Route {
            method,
            path: full.as_str().to_owned(),
            lookup,
        }))
    };
    warp::method()
        .and(warp::path::full())
        .and(warp::path::peek())
        .and_then(look_up)
}

fn query() -> impl Filter<Extract = (String,), Error = std::convert::Infallible> + Clone {
    warp::query::raw().or_else(|_| ready(Ok((String::new(),))))
}

/// The authority of a request, from its target and its `Host` header.
fn target() -> impl Filter<Extract = (Target,), Error = std::convert::Infallible> + Clone {
    let invalid = |_: Rejection| -> Ready<Result<_, std::convert::Infallible>> {
        ready(Ok((Target::Invalid,)))
    };
    warp::host::optional()
        .map(|authority: Option<Authority>| authority.map_or(Target::Missing, Target::Is))
        .or_else(invalid)
}

/// The answer to an admin request, on its way through warp.
///
/// ```standalone_crate
/// # use http_body_util::Empty;
/// # use tower_service::Service;
/// # use warp::Filter;
/// use admin_runtime::{AdminReply, AdminServer, HeaderValue, admin_endpoint, header};
///
/// #[admin_endpoint(path = "/ping")]
/// async fn ping() -> &'static str {
///     "pong"
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let admin = AdminServer::builder().filter()?;
/// let behind = admin.map(|reply: AdminReply| {
///     let response = reply.into_inner();
///     assert_eq!(response.status().as_u16(), 200);
///     AdminReply::from(response.with_header(header::AGE, HeaderValue::from_static("0")))
/// });
/// # let request = http::Request::get("/ping").header("host", "localhost");
/// # let reply = warp::service(behind).call(request.body(Empty::<bytes::Bytes>::new())?).await?;
/// # assert_eq!((reply.status().as_u16(), reply.headers()["age"].as_bytes()), (200, &b"0"[..]));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct AdminReply(Response);

impl AdminReply {
    /// The answer itself, to look at or to change behind the filter; `AdminReply::from` takes it
    /// back.
    #[must_use]
    pub fn into_inner(self) -> Response {
        self.0
    }
}

impl From<Response> for AdminReply {
    fn from(response: Response) -> Self {
        Self(response)
    }
}

impl Reply for AdminReply {
    fn into_response(self) -> warp::reply::Response {
        let Response {
            status,
            headers,
            body,
        } = self.0;
        let mut reply = match body {
            Body::Empty => warp::reply::Response::default(),
            Body::Bytes(bytes) => warp::reply::Response::new(bytes.into()),
            Body::Stream(stream) => warp::reply::stream(Shared(Mutex::new(stream))).into_response(),
        };
        *reply.status_mut() = status;
        *reply.headers_mut() = headers;
        reply
    }
}

type Chunks = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// Warp wants `Sync` streams; this one is only ever polled through `&mut`, without locking.
struct Shared(Mutex<Chunks>);

impl Stream for Shared {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunks = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        chunks.as_mut().poll_next(context)
    }
}
