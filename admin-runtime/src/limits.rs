//! The bounds of a server.

use std::time::Duration;

/// What one server may be made to do, at most. Each has a default that fits an admin plane.
///
/// ```
/// use admin_runtime::{AdminServer, Limits};
///
/// let limits = Limits { body: 64 << 10, ..Limits::default() };
/// assert_eq!((limits.headers, limits.connections), (32 << 10, 256));
/// let server = AdminServer::builder().limits(limits);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body: 413 beyond. Default 1 MiB.
    pub body: usize,
    /// Bytes of all header names and values: 431 beyond. Default 32 KiB.
    pub headers: usize,
    /// Bytes of path and query: 414 beyond. Default 8 KiB.
    pub uri: usize,
    /// From the first byte of a request to the end of its headers, and the idle time between two
    /// requests: the connection is closed beyond. Default 10 s.
    pub header_deadline: Duration,
    /// From the end of the headers to the end of the body: 408 beyond. Default 30 s.
    pub body_deadline: Duration,
    /// Between two bytes that a client takes of its reply: the connection is closed beyond.
    /// Default 30 s.
    pub write_deadline: Duration,
    /// For a handler without a `timeout` of its own: 503 beyond. Default 30 s.
    pub handler: Duration,
    /// For requests in flight when the server stops. Default 5 s.
    pub graceful_stop: Duration,
    /// Open connections; more wait in the kernel's queue. Default 256.
    pub connections: usize,
    /// Sync handlers that run at once: 503 beyond. Default 16.
    pub blocking: usize,
    /// Sync handlers of one endpoint that run at once: 503 beyond. Default 4.
    pub blocking_per_endpoint: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            headers: 32 << 10,
            uri: 8 << 10,
            header_deadline: Duration::from_secs(10),
            body_deadline: Duration::from_secs(30),
            write_deadline: Duration::from_secs(30),
            handler: Duration::from_secs(30),
            graceful_stop: Duration::from_secs(5),
            connections: 256,
            blocking: 16,
            blocking_per_endpoint: 4,
        }
    }
}
