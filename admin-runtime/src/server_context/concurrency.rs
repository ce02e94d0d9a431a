//! The bound of sync handlers that run at once: in a server and of each endpoint.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::endpoint::ServedEndpoint;

/// Bounds the sync handlers of one server that run at once.
#[derive(Debug)]
pub(crate) struct ConcurrencyLimit(Arc<Semaphore>);

/// Held by the thread that runs a handler: one that timed out keeps it until it returns.
#[derive(Debug)]
pub(crate) struct Permit {
    _server: OwnedSemaphorePermit,
    _endpoint: OwnedSemaphorePermit,
}

impl ConcurrencyLimit {
    pub(super) fn new(max_blocking: usize) -> Self {
        Self(Arc::new(Semaphore::new(max_blocking)))
    }

    /// A permit for one run; `None` while the server or the endpoint is at its limit.
    pub(crate) fn try_acquire(&self, endpoint: &ServedEndpoint) -> Option<Permit> {
        let server = Arc::clone(&self.0).try_acquire_owned().ok()?;
        let endpoint = Arc::clone(&endpoint.permits).try_acquire_owned().ok()?;
        Some(Permit {
            _server: server,
            _endpoint: endpoint,
        })
    }
}
