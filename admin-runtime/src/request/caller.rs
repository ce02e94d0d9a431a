//! Who sent a request.

use std::fmt;
use std::net::SocketAddr;

/// Who sent a request, as far as the server knows.
///
/// Displays as `127.0.0.1:5555`, `ops@10.0.0.1:4444` with an authenticator, and `unknown` where
/// the server is mounted in another application.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, Caller, admin_endpoint};
///
/// /// Who you are.
/// #[admin_endpoint(path = "/whoami")]
/// async fn whoami(caller: Caller) -> String {
///     assert_eq!(caller.peer(), None); // no socket in the test client
///     caller.identity().unwrap_or("nobody").to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().token("ops", "s3cret").build()?;
/// let reply = server.test_client().get("/whoami").header("authorization", "Bearer s3cret").await;
/// assert_eq!(reply.text(), "ops");
/// assert_eq!(Caller::default().to_string(), "unknown");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) identity: Option<String>,
}

impl Caller {
    /// The other end of the connection; `None` when mounted, and in the test client.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// The name that the authenticator gave.
    #[must_use]
    pub fn identity(&self) -> Option<&str> {
        self.identity.as_deref()
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.identity, self.peer) {
            (Some(identity), Some(peer)) => write!(f, "{identity}@{peer}"),
            (Some(identity), None) => f.write_str(identity),
            (None, Some(peer)) => peer.fmt(f),
            (None, None) => f.write_str("unknown"),
        }
    }
}
