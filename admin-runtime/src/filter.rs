//! The adapter to warp: a filter over one server, to compose with the filters of an application.
//!
//! Warp's combinators are generic and a chain of `or` asks every leaf, so the filter asks the
//! router once; the answer comes from where [`AdminService`](crate::AdminService) has it too.

mod admin_reply;
mod mounted_path;

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;

use futures_util::{FutureExt, TryStreamExt};
use http::Method as HttpMethod;
use http::uri::{Authority, PathAndQuery};
use http_body::Frame;
use http_body_util::StreamBody;
use warp::{Filter, Rejection};

pub use self::admin_reply::AdminReply;

use self::mounted_path::{MountedPath, mounted_path};
use crate::dispatch::{Connection, RequestHead, Route, respond};
use crate::endpoint::Method;
use crate::guard::Target;
use crate::registry::RouteError;
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

/// Which paths a filter answers.
#[derive(Clone, Debug)]
pub(crate) enum Scope {
    /// Every path: those of no endpoint get a 404.
    All,
    /// The paths of the registry; others are rejected, so that `admin.or(app)` goes on.
    Registered,
    /// One endpoint; everything else is rejected.
    Endpoint(Method, &'static str),
}

/// The filter over one server: it builds each request from what warp shows of it. `connection` is that of
/// all requests.
pub(crate) fn filter(
    context: Arc<ServerContext>,
    connection: Connection,
    scope: Scope,
) -> AdminFilter {
    route(Arc::clone(&context), scope)
        .and(query())
        .and(warp::header::headers_cloned())
        .and(target())
        .and(warp::body::stream())
        .then(
            move |(method, route, path): Routed, query: String, headers, target, body| {
                let head = RequestHead {
                    method,
                    path_and_query: path_and_query(path.full().unwrap_or("/"), &query),
                    headers,
                    target: path.full().map_or(Target::WithoutPath, |_| target),
                    connection: connection.clone(),
                };
                let context = Arc::clone(&context);
                let body = StreamBody::new(TryStreamExt::map_ok(body, Frame::data));
                respond(context, head, route, body).map(AdminReply::from)
            },
        )
        .boxed()
}

/// A mounted request that the router was asked for.
type Routed = (HttpMethod, Route, MountedPath);

/// Routes by what is left of the path; rejects what is outside the scope.
fn route(
    context: Arc<ServerContext>,
    scope: Scope,
) -> impl Filter<Extract = (Routed,), Error = Rejection> + Clone {
    let find_endpoint = move |method: HttpMethod, path: MountedPath| {
        let route = context.route(&method, path.remaining());
        let inside = match (&scope, &route) {
            (Scope::All, _) => true,
            (Scope::Registered, Ok(_) | Err(RouteError::MethodNotAllowed(_))) => true,
            (Scope::Registered, Err(RouteError::NotUtf8 { in_parameter })) => *in_parameter,
            (Scope::Registered, Err(RouteError::NotFound)) => false,
            (Scope::Endpoint(method, path), Ok(found)) => {
                let descriptor = &found.endpoint.descriptor;
                (descriptor.method, descriptor.path) == (*method, *path)
            }
            (Scope::Endpoint(..), Err(_)) => false,
        };
        ready(if inside {
            Ok((method, route, path))
        } else {
            Err(warp::reject::not_found())
        })
    };
    warp::method().and(mounted_path()).and_then(find_endpoint)
}

fn query() -> impl Filter<Extract = (String,), Error = Infallible> + Clone {
    warp::query::raw().or_else(|_| ready(Ok((String::new(),))))
}

/// Both parts come from a parsed URI, so that they are one again.
fn path_and_query(path: &str, query: &str) -> PathAndQuery {
    let joined = if query.is_empty() {
        PathAndQuery::try_from(path)
    } else {
        PathAndQuery::try_from(format!("{path}?{query}"))
    };
    joined.unwrap_or_else(|_| PathAndQuery::from_static("/"))
}

/// The authority of a request, from its target and its `Host` header.
fn target() -> impl Filter<Extract = (Target,), Error = Infallible> + Clone {
    let invalid = |_: Rejection| -> Ready<Result<_, Infallible>> { ready(Ok((Target::Invalid,))) };
    warp::host::optional()
        .map(|authority: Option<Authority>| authority.map_or(Target::Missing, Target::Is))
        .or_else(invalid)
}
