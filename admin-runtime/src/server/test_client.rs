//! A client without a socket, for tests of endpoints.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use tower_service::Service;

use crate::dispatch::Connection;
use crate::guard::Exposure;
use crate::response::Body;
use crate::server_context::ServerContext;
use crate::service::AdminService;

/// Calls a server in this process; needs a tokio runtime with its timer, as `#[tokio::test]` has.
///
/// ```standalone_crate
/// # use admin_runtime::{AdminServer, admin_endpoint};
/// #[admin_endpoint(path = "/double/{number}")]
/// async fn double(number: u32) -> String {
///     (number * 2).to_string()
/// }
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let server = AdminServer::builder().build()?;
/// let reply = server.test_client().get("/double/21").await;
/// assert_eq!((reply.status().as_u16(), reply.text()), (200, "42"));
/// let client = server.test_client();
/// for request in [
///     client.post("/double/21"), client.put("/double/21"), client.patch("/double/21"),
///     client.delete("/double/21"),
/// ] {
///     assert_eq!(request.await.status(), 405);
/// }
/// let options = server.test_client().request("OPTIONS".parse().expect("a method"), "/double/21");
/// assert_eq!(options.await.header("allow"), "GET, HEAD");
/// # Ok::<(), admin_runtime::BuildError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TestClient(AdminService);

impl TestClient {
    pub(super) fn new(context: Arc<ServerContext>) -> Self {
        let connection = Connection::without_socket(Exposure::Loopback);
        Self(AdminService::new(context, connection))
    }

    /// A GET of a path with its query.
    ///
    /// # Panics
    ///
    /// As [`request`](Self::request).
    pub fn get(&self, target: &str) -> TestRequest {
        self.request(Method::GET, target)
    }

    /// A POST to a path with its query.
    ///
    /// # Panics
    ///
    /// As [`request`](Self::request).
    pub fn post(&self, target: &str) -> TestRequest {
        self.request(Method::POST, target)
    }

    /// A PUT to a path with its query.
    ///
    /// # Panics
    ///
    /// As [`request`](Self::request).
    pub fn put(&self, target: &str) -> TestRequest {
        self.request(Method::PUT, target)
    }

    /// A PATCH of a path with its query.
    ///
    /// # Panics
    ///
    /// As [`request`](Self::request).
    pub fn patch(&self, target: &str) -> TestRequest {
        self.request(Method::PATCH, target)
    }

    /// A DELETE of a path with its query.
    ///
    /// # Panics
    ///
    /// As [`request`](Self::request).
    pub fn delete(&self, target: &str) -> TestRequest {
        self.request(Method::DELETE, target)
    }

    /// A request of any method. `Host` is `localhost` unless set.
    ///
    /// # Panics
    ///
    /// When awaited, if the target or a header is invalid.
    pub fn request(&self, method: Method, target: &str) -> TestRequest {
        TestRequest {
            service: self.0.clone(),
            request: Request::builder().method(method).uri(target),
            host: true,
            body: Bytes::new(),
        }
    }
}

/// A request to be sent by awaiting it.
///
/// ```standalone_crate
/// # use admin_runtime::{AdminServer, Headers, Json, admin_endpoint};
/// #[admin_endpoint(method = "POST", path = "/echo")]
/// async fn echo(text: Json<String>, headers: Headers) -> String {
///     format!("{} to {:?}", text.0, headers["host"])
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let post = || server.test_client().post("/echo").header("content-type", "application/json");
/// assert_eq!(post().body(r#""hi""#).await.text(), r#"hi to "localhost""#);
/// assert_eq!(post().body(r#""hi""#).header("host", "[::1]").await.text(), r#"hi to "[::1]""#);
/// assert_eq!(post().without_host().await.text(), "Missing header Host");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct TestRequest {
    service: AdminService,
    request: http::request::Builder,
    host: bool,
    body: Bytes,
}

impl TestRequest {
    /// Adds a header; a `Host` replaces the usual one.
    ///
    /// # Panics
    ///
    /// When awaited, if it is invalid.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.host &= !name.eq_ignore_ascii_case("host");
        self.request = self.request.header(name, value);
        self
    }

    /// Sends no `Host`.
    pub fn without_host(mut self) -> Self {
        self.host = false;
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }
}

impl IntoFuture for TestRequest {
    type Output = TestResponse;
    type IntoFuture = Pin<Box<dyn Future<Output = TestResponse> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            mut service,
            mut request,
            host,
            body,
        } = self;
        if host {
            request = request.header("host", "localhost");
        }
        Box::pin(async move {
            let request = request
                .body(Body::Bytes(body))
                .expect("a target and headers of HTTP");
            let Ok(reply) = service.call(request).await;
            let (head, body) = reply.into_parts();
            let body = read(body).await;
            TestResponse {
                status: head.status,
                headers: head.headers,
                body,
            }
        })
    }
}

/// What the server answered.
///
/// ```standalone_crate
/// # use admin_runtime::{AdminServer, Json, admin_endpoint};
/// #[admin_endpoint(path = "/sizes")]
/// async fn sizes() -> Json<Vec<u32>> {
///     Json(vec![3, 4])
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let reply = AdminServer::builder().build()?.test_client().get("/sizes").await;
/// assert_eq!(reply.status(), 200);
/// assert_eq!(reply.header("content-type"), "application/json");
/// assert_eq!(reply.json::<Vec<u32>>(), [3, 4]);
/// assert_eq!((reply.text(), reply.bytes().len()), ("[3,4]", 5));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TestResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl TestResponse {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// A header as text; empty if it is missing or no text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// The body as text.
    ///
    /// # Panics
    ///
    /// If it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body of UTF-8")
    }

    /// The body as a JSON value.
    ///
    /// # Panics
    ///
    /// If it is not JSON of that shape.
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).expect("a body of JSON")
    }
}

/// All data of a reply, not copied where it comes in one piece; a stream that fails ends it.
async fn read(mut body: Body) -> Bytes {
    let mut pieces = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        pieces.extend(frame.into_data());
    }
    match pieces.len() {
        0 | 1 => pieces.pop().unwrap_or_default(),
        _ => pieces.concat().into(),
    }
}
