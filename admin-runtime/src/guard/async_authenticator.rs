//! Authentication that waits, such as for an answer of another service.

use std::future::Future;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::HeaderMap;

use super::authenticator::Unauthenticated;
use super::identity::Identity;

/// Identifies callers by their headers, and may wait for an answer: the async form of
/// [`Authenticator`](crate::auth::Authenticator), for
/// [`Builder::async_authenticator`](crate::Builder::async_authenticator).
///
/// It is asked only about requests that no token and no other authenticator accepts.
///
/// ```standalone_crate
/// use admin_runtime::auth::{AsyncAuthenticator, Identity, Unauthenticated};
/// use admin_runtime::describe::Effect;
/// use admin_runtime::{AdminServer, HeaderMap, admin_endpoint};
/// # #[admin_endpoint(path = "/ping")] fn ping() -> &'static str { "pong" }
/// # #[admin_endpoint(method = "POST", path = "/ping")] fn set() {}
///
/// /// Asks a directory who has this session.
/// struct Sessions;
///
/// impl AsyncAuthenticator for Sessions {
///     async fn authenticate(&self, headers: &HeaderMap) -> Result<Identity, Unauthenticated> {
///         let session = headers.get("x-session").ok_or_else(Unauthenticated::new)?;
///         tokio::task::yield_now().await; // such as a request
///         let user = if session == "7" { "ann" } else { return Err(Unauthenticated::new()) };
///         Ok(Identity::new(user).with_max_effect(Effect::Read))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// assert_eq!(Sessions.problem(), None); // the default
/// let server = AdminServer::builder().async_authenticator(Sessions).build()?;
/// let client = server.test_client();
/// assert_eq!(client.get("/ping").await.status(), 401);
/// assert_eq!(client.get("/ping").header("x-session", "7").await.text(), "pong");
/// assert_eq!(client.post("/ping").header("x-session", "7").await.status(), 403);
/// # Ok(())
/// # }
/// ```
pub trait AsyncAuthenticator: Send + Sync + 'static {
    /// Decides on the headers of one request, on the server's runtime, which it must not block. It has the
    /// `handler_timeout` of the [`Limits`](crate::Limits): 503 beyond.
    ///
    /// # Errors
    ///
    /// [`Unauthenticated`] becomes a 401 without further detail.
    fn authenticate(
        &self,
        headers: &HeaderMap,
    ) -> impl Future<Output = Result<Identity, Unauthenticated>> + Send;

    /// Why no request can ever pass; this is a problem of [`build()`](crate::Builder::build). Default: there
    /// is no such reason.
    fn problem(&self) -> Option<String> {
        None
    }
}

/// The same behind a pointer.
pub(super) trait BoxedAuthenticator: Send + Sync {
    fn ask<'a>(
        &'a self,
        headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Result<Identity, Unauthenticated>>;
}

impl<A: AsyncAuthenticator> BoxedAuthenticator for A {
    fn ask<'a>(
        &'a self,
        headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Result<Identity, Unauthenticated>> {
        self.authenticate(headers).boxed()
    }
}
