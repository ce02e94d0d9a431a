//! The core as a tower service: `http::Request` in, `http::Response` out.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use tower_service::Service;

use crate::dispatch::{Connection, handle};
use crate::response::Body;
use crate::server_context::ServerContext;

/// A server as a [`tower_service::Service`], to mount in axum or to serve with hyper.
///
/// It answers every path, those of no endpoint with 404. It takes any body and starts no periodic
/// thread: [`AdminServer::periodic_threads`](crate::AdminServer::periodic_threads) can. As a
/// mounted server does not know its callers, it answers reads only, unless there is a
/// [`token`](crate::Builder::token), an [`authenticator`](crate::Builder::authenticator) or
/// [`trust_loopback`](crate::Builder::trust_loopback).
///
/// With axum, which strips the prefix from the path; [`mounted_at`](crate::Builder::mounted_at) puts
/// it back in links and messages:
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, admin_endpoint};
/// use axum::Router;
/// use axum::routing::get;
///
/// #[admin_endpoint(path = "/ping")]
/// async fn ping() -> &'static str {
///     "pong"
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let admin = AdminServer::builder().mounted_at("/admin").service()?;
/// let app: Router = Router::new()
///     .route("/", get(|| async { "the application" }))
///     .nest_service("/admin", admin); // GET /admin/ping
/// # drop(app);
/// # Ok(())
/// # }
/// ```
///
/// With hyper:
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, admin_endpoint};
/// use hyper::server::conn::http1;
/// use hyper_util::rt::TokioIo;
/// use hyper_util::service::TowerToHyperService;
/// # use std::io::{Read, Write};
///
/// #[admin_endpoint(path = "/ping")]
/// async fn ping() -> &'static str {
///     "pong"
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let admin = TowerToHyperService::new(AdminServer::builder().service()?);
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// # let address = listener.local_addr()?;
/// # let client = std::thread::spawn(move || {
/// #     let mut socket = std::net::TcpStream::connect(address)?;
/// #     socket.write_all(b"GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
/// #     let mut reply = String::new();
/// #     socket.read_to_string(&mut reply).map(|_| reply)
/// # });
/// let (stream, _) = listener.accept().await?;
/// http1::Builder::new().serve_connection(TokioIo::new(stream), admin).await?;
/// # assert!(client.join().expect("no panic")?.ends_with("pong"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AdminService {
    context: Arc<ServerContext>,
    connection: Connection,
}

impl AdminService {
    pub(crate) fn new(context: Arc<ServerContext>, connection: Connection) -> Self {
        Self {
            context,
            connection,
        }
    }
}

impl<B> Service<http::Request<B>> for AdminService
where
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let context = Arc::clone(&self.context);
        let reply = handle(context, self.connection.clone(), request);
        Box::pin(reply.map(|reply| Ok(reply.into())))
    }
}
