//! A reply, as warp sends it.

use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use warp::Reply;

use crate::response::{Body, Response};

/// The reply to an admin request, as warp sends it.
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
