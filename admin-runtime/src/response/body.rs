//! Bodies of replies: nothing, bytes, or a stream of them.

use std::fmt;
use std::io;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;

/// The body of a [`Response`](crate::Response).
///
/// ```
/// use admin_runtime::{Body, Response};
///
/// let reply = Response::text("pong");
/// let Body::Bytes(bytes) = reply.body() else { unreachable!() };
/// assert_eq!(bytes, "pong");
/// assert!(matches!(Response::empty().body(), Body::Empty));
/// ```
pub enum Body {
    /// No bytes.
    Empty,
    /// All bytes at once.
    Bytes(Bytes),
    /// Chunks as they come; an error ends the connection, since the status is sent already.
    Stream(Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}
