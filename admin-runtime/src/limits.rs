//! The bounds of a server.

use std::time::Duration;

/// What one server may be made to do, at most. Each has a default that fits an admin context.
///
/// ```
/// use admin_runtime::{AdminServer, Limits};
///
/// let limits = Limits::default().with_max_body_bytes(64 << 10).with_max_connections(8);
/// assert_eq!((limits.max_body_bytes, limits.max_header_bytes), (64 << 10, 32 << 10));
/// let server = AdminServer::builder().limits(limits);
/// ```
///
/// Every field has a method `with_*`:
///
/// ```
/// use admin_runtime::Limits;
///
/// let limits = Limits::default();
/// let same = limits
///     .with_max_discard_bytes(limits.max_discard_bytes)
///     .with_discard_timeout(limits.discard_timeout)
///     .with_max_body_bytes(limits.max_body_bytes)
///     .with_max_buffered_body_bytes(limits.max_buffered_body_bytes)
///     .with_max_header_bytes(limits.max_header_bytes)
///     .with_max_headers(limits.max_headers)
///     .with_max_uri_bytes(limits.max_uri_bytes)
///     .with_header_read_timeout(limits.header_read_timeout)
///     .with_body_read_timeout(limits.body_read_timeout)
///     .with_min_body_bytes_per_second(limits.min_body_bytes_per_second)
///     .with_write_timeout(limits.write_timeout)
///     .with_handler_timeout(limits.handler_timeout)
///     .with_graceful_shutdown_timeout(limits.graceful_shutdown_timeout)
///     .with_max_connections(limits.max_connections)
///     .with_max_blocking_handlers(limits.max_blocking_handlers)
///     .with_max_blocking_handlers_per_endpoint(limits.max_blocking_handlers_per_endpoint);
/// assert_eq!(limits, same);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a body: 413 beyond. Default 1 MiB.
    pub max_body_bytes: usize,
    /// Bytes of all bodies that are kept at a time, until their handlers have ended: 503 beyond. The announced
    /// length of a body counts before it is read. At least one body of
    /// [`max_body_bytes`](Self::max_body_bytes) fits. Default 64 MiB.
    pub max_buffered_body_bytes: usize,
    /// Bytes of all header names and values: 431 beyond. Default 32 KiB.
    pub max_header_bytes: usize,
    /// Headers of a request: 431 beyond. Default 100.
    pub max_headers: usize,
    /// Bytes of path and query: 414 beyond. Default 8 KiB.
    pub max_uri_bytes: usize,
    /// From the first byte of a request to the end of its headers, and the idle time between two
    /// requests: the connection is closed beyond. Default 10 s.
    pub header_read_timeout: Duration,
    /// From the end of the headers to the end of the body, and one second more for each
    /// [`min_body_bytes_per_second`](Self::min_body_bytes_per_second) that have arrived: 408 beyond.
    /// A body is read even if the handler does not take it. Default 30 s.
    pub body_read_timeout: Duration,
    /// How slow a body may be that takes longer than
    /// [`body_read_timeout`](Self::body_read_timeout): a client that sends more is not interrupted.
    /// `u32::MAX` leaves only the timeout. Default 500.
    pub min_body_bytes_per_second: u32,
    /// Between two parts that a client reads of its replies, about 64 KiB each: the connection is
    /// closed beyond. Default 30 s.
    pub write_timeout: Duration,
    /// Bytes that are read and discarded after a reply that was sent before the whole request was
    /// read: a client that is still writing would lose the reply. Default 128 MiB.
    pub max_discard_bytes: usize,
    /// For reading and discarding them. Default 10 s.
    pub discard_timeout: Duration,
    /// For a handler without a `timeout` of its own: 503 beyond. Default 30 s.
    pub handler_timeout: Duration,
    /// For requests in flight when the server stops. It does not wait for clients that have sent
    /// only a part of a request, or read nothing, for half a second. Default 5 s.
    pub graceful_shutdown_timeout: Duration,
    /// Open connections. For one more, the connection that has waited longest for its client is
    /// closed: for the head of a request or, after half a second, for the rest of a body or for the
    /// client to read its reply. One whose refused request is discarded is closed after those, but
    /// before new ones. While handlers run on all of them, the new one waits. Default 256.
    pub max_connections: usize,
    /// Sync handlers that run at once: 503 beyond. Default 16.
    pub max_blocking_handlers: usize,
    /// Sync handlers of one endpoint that run at once: 503 beyond. Default 4.
    pub max_blocking_handlers_per_endpoint: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: 1 << 20,
            max_buffered_body_bytes: 64 << 20,
            max_header_bytes: 32 << 10,
            max_headers: 100,
            max_uri_bytes: 8 << 10,
            header_read_timeout: Duration::from_secs(10),
            body_read_timeout: Duration::from_secs(30),
            min_body_bytes_per_second: 500,
            write_timeout: Duration::from_secs(30),
            max_discard_bytes: 128 << 20,
            discard_timeout: Duration::from_secs(10),
            handler_timeout: Duration::from_secs(30),
            graceful_shutdown_timeout: Duration::from_secs(5),
            max_connections: 256,
            max_blocking_handlers: 16,
            max_blocking_handlers_per_endpoint: 4,
        }
    }
}

impl Limits {
    /// Sets [`max_body_bytes`](Self::max_body_bytes).
    #[must_use]
    pub const fn with_max_body_bytes(self, max_body_bytes: usize) -> Self {
        Self {
            max_body_bytes,
            ..self
        }
    }

    /// Sets [`max_buffered_body_bytes`](Self::max_buffered_body_bytes).
    #[must_use]
    pub const fn with_max_buffered_body_bytes(self, max_buffered_body_bytes: usize) -> Self {
        Self {
            max_buffered_body_bytes,
            ..self
        }
    }

    /// Sets [`max_header_bytes`](Self::max_header_bytes).
    #[must_use]
    pub const fn with_max_header_bytes(self, max_header_bytes: usize) -> Self {
        Self {
            max_header_bytes,
            ..self
        }
    }

    /// Sets [`max_headers`](Self::max_headers).
    #[must_use]
    pub const fn with_max_headers(self, max_headers: usize) -> Self {
        Self {
            max_headers,
            ..self
        }
    }

    /// Sets [`max_uri_bytes`](Self::max_uri_bytes).
    #[must_use]
    pub const fn with_max_uri_bytes(self, max_uri_bytes: usize) -> Self {
        Self {
            max_uri_bytes,
            ..self
        }
    }

    /// Sets [`header_read_timeout`](Self::header_read_timeout).
    #[must_use]
    pub const fn with_header_read_timeout(self, header_read_timeout: Duration) -> Self {
        Self {
            header_read_timeout,
            ..self
        }
    }

    /// Sets [`body_read_timeout`](Self::body_read_timeout).
    #[must_use]
    pub const fn with_body_read_timeout(self, body_read_timeout: Duration) -> Self {
        Self {
            body_read_timeout,
            ..self
        }
    }

    /// Sets [`min_body_bytes_per_second`](Self::min_body_bytes_per_second).
    #[must_use]
    pub const fn with_min_body_bytes_per_second(self, min_body_bytes_per_second: u32) -> Self {
        Self {
            min_body_bytes_per_second,
            ..self
        }
    }

    /// Sets [`write_timeout`](Self::write_timeout).
    #[must_use]
    pub const fn with_write_timeout(self, write_timeout: Duration) -> Self {
        Self {
            write_timeout,
            ..self
        }
    }

    /// Sets [`handler_timeout`](Self::handler_timeout).
    #[must_use]
    pub const fn with_handler_timeout(self, handler_timeout: Duration) -> Self {
        Self {
            handler_timeout,
            ..self
        }
    }

    /// Sets [`graceful_shutdown_timeout`](Self::graceful_shutdown_timeout).
    #[must_use]
    pub const fn with_graceful_shutdown_timeout(self, graceful_shutdown_timeout: Duration) -> Self {
        Self {
            graceful_shutdown_timeout,
            ..self
        }
    }

    /// Sets [`max_connections`](Self::max_connections).
    #[must_use]
    pub const fn with_max_connections(self, max_connections: usize) -> Self {
        Self {
            max_connections,
            ..self
        }
    }

    /// Sets [`max_blocking_handlers`](Self::max_blocking_handlers).
    #[must_use]
    pub const fn with_max_blocking_handlers(self, max_blocking_handlers: usize) -> Self {
        Self {
            max_blocking_handlers,
            ..self
        }
    }

    /// Sets [`max_blocking_handlers_per_endpoint`](Self::max_blocking_handlers_per_endpoint).
    #[must_use]
    pub const fn with_max_blocking_handlers_per_endpoint(
        self,
        max_blocking_handlers_per_endpoint: usize,
    ) -> Self {
        Self {
            max_blocking_handlers_per_endpoint,
            ..self
        }
    }

    /// Sets [`max_discard_bytes`](Self::max_discard_bytes).
    #[must_use]
    pub const fn with_max_discard_bytes(self, max_discard_bytes: usize) -> Self {
        Self {
            max_discard_bytes,
            ..self
        }
    }

    /// Sets [`discard_timeout`](Self::discard_timeout).
    #[must_use]
    pub const fn with_discard_timeout(self, discard_timeout: Duration) -> Self {
        Self {
            discard_timeout,
            ..self
        }
    }
}
