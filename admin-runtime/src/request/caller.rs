//! Who sent a request.

use std::fmt;
use std::net::SocketAddr;

/// The other end of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The server is mounted, or called in process.
    #[default]
    Unknown,
    Address(SocketAddr),
    /// A process of this user, over a Unix socket.
    User(u32),
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Address(address) => address.fmt(f),
            Self::User(uid) => write!(f, "uid {uid}"),
        }
    }
}

/// Who sent a request, as far as the server knows.
///
/// Displays as `127.0.0.1:5555`, `ops@10.0.0.1:4444` with credentials, `uid 1000` over a Unix socket,
/// and `unknown` where the server is mounted in another application.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, Caller, admin_endpoint};
///
/// /// Who you are.
/// #[admin_endpoint(path = "/whoami")]
/// async fn whoami(caller: Caller) -> String {
///     assert_eq!((caller.peer(), caller.uid()), (None, None)); // no socket in the test client
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
    pub(crate) peer: Peer,
    pub(crate) identity: Option<String>,
}

impl Caller {
    /// The other end of the connection; `None` when mounted, in the test client, and over a Unix socket.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        match self.peer {
            Peer::Address(address) => Some(address),
            Peer::Unknown | Peer::User(_) => None,
        }
    }

    /// The user at the other end of a Unix socket.
    #[must_use]
    pub fn uid(&self) -> Option<u32> {
        match self.peer {
            Peer::User(uid) => Some(uid),
            Peer::Unknown | Peer::Address(_) => None,
        }
    }

    /// The name that the credentials prove: that of a token, what an authenticator gave, or `uid 1000` for a
    /// user who may write over a Unix socket.
    #[must_use]
    pub fn identity(&self) -> Option<&str> {
        self.identity.as_deref()
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.identity, self.peer) {
            (Some(identity), Peer::Unknown) => f.write_str(identity),
            (Some(identity), peer) if *identity != peer.to_string() => {
                write!(f, "{identity}@{peer}")
            }
            (_, peer) => peer.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_shown_with_their_peer() {
        let shown = |identity: Option<&str>, peer| {
            let identity = identity.map(str::to_owned);
            Caller { peer, identity }.to_string()
        };
        let address = Peer::Address(SocketAddr::from(([10, 0, 0, 1], 4444)));
        assert_eq!(shown(Some("ops"), address), "ops@10.0.0.1:4444");
        assert_eq!(shown(None, address), "10.0.0.1:4444");
        assert_eq!(shown(Some("ops"), Peer::User(1000)), "ops@uid 1000");
        assert_eq!(shown(Some("uid 1000"), Peer::User(1000)), "uid 1000");
        assert_eq!(shown(None, Peer::User(1000)), "uid 1000");
        assert_eq!(shown(Some("ops"), Peer::Unknown), "ops");
    }
}
