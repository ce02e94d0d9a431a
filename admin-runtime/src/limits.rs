//! The bounds of a server.

use std::time::Duration;

/// What one server may be made to do, at most. Each has a default that fits an admin context.
///
/// ```
/// use admin_runtime::{AdminServer, Limits};
///
/// let limits = Limits { max_body_bytes: 64 << 10, ..Limits::default() };
/// assert_eq!((limits.max_header_bytes, limits.max_connections), (32 << 10, 256));
/// let server = AdminServer::builder().limits(limits);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body: 413 beyond. Default 1 MiB.
    pub max_body_bytes: usize,
    /// Bytes of all header names and values: 431 beyond. Default 32 KiB.
    pub max_header_bytes: usize,
    /// Bytes of path and query: 414 beyond. Default 8 KiB.
    pub max_uri_bytes: usize,
    /// From the first byte of a request to the end of its headers, and the idle time between two
    /// requests: the connection is closed beyond. Default 10 s.
    pub header_read_timeout: Duration,
    /// From the end of the headers to the end of the body: 408 beyond. Default 30 s.
    pub body_read_timeout: Duration,
    /// Between two bytes that a client takes of its reply: the connection is closed beyond.
    /// Default 30 s.
    pub write_timeout: Duration,
    /// Bytes that are read and discarded after a reply that was sent before the whole request was
    /// read: a client that is still writing would lose the reply. Default 128 MiB.
    pub drain_bytes: usize,
    /// For reading and discarding them. Default 10 s.
    pub drain_time: Duration,
    /// For a handler without a `timeout` of its own: 503 beyond. Default 30 s.
    pub handler_timeout: Duration,
    /// For requests in flight when the server stops. Default 5 s.
    pub graceful_shutdown: Duration,
    /// Open connections; more wait in the kernel's queue. Default 256.
    pub max_connections: usize,
    /// Sync handlers that run at once: 503 beyond. Default 16.
    pub max_blocking: usize,
    /// Sync handlers of one endpoint that run at once: 503 beyond. Default 4.
    pub max_blocking_per_endpoint: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: 1 << 20,
            max_header_bytes: 32 << 10,
            max_uri_bytes: 8 << 10,
            header_read_timeout: Duration::from_secs(10),
            body_read_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            drain_bytes: 128 << 20,
            drain_time: Duration::from_secs(10),
            handler_timeout: Duration::from_secs(30),
            graceful_shutdown: Duration::from_secs(5),
            max_connections: 256,
            max_blocking: 16,
            max_blocking_per_endpoint: 4,
        }
    }
}
