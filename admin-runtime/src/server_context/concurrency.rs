//! The bounded pool of sync handlers: how many run, in all and of each endpoint.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::ServerContext;
use crate::limits::Limits;

/// Running sync handlers of one server.
#[derive(Debug)]
pub(crate) struct ConcurrencyLimit {
    all: AtomicUsize,
    of_endpoint: Box<[AtomicUsize]>,
}

/// Held by the thread that runs the handler, so one that timed out keeps its slot until it returns.
pub(crate) struct Permit {
    context: Arc<ServerContext>,
    endpoint: usize,
}

impl ConcurrencyLimit {
    pub(crate) fn new(endpoints: usize) -> Self {
        let of_endpoint = (0..endpoints).map(|_| AtomicUsize::new(0)).collect();
        Self {
            all: AtomicUsize::new(0),
            of_endpoint,
        }
    }

    /// A slot for an endpoint; `None` while the server or the endpoint has no free one.
    pub(crate) fn take(context: &Arc<ServerContext>, endpoint: usize) -> Option<Permit> {
        let Limits {
            max_blocking,
            max_blocking_per_endpoint,
            ..
        } = context.limits;
        let concurrency = &context.concurrency;
        if !enter(&concurrency.all, max_blocking) {
            return None;
        }
        if !enter(
            &concurrency.of_endpoint[endpoint],
            max_blocking_per_endpoint,
        ) {
            concurrency.all.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Permit {
            context: Arc::clone(context),
            endpoint,
        })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let concurrency = &self.context.concurrency;
        concurrency.of_endpoint[self.endpoint].fetch_sub(1, Ordering::Relaxed);
        concurrency.all.fetch_sub(1, Ordering::Relaxed);
    }
}

fn enter(running: &AtomicUsize, limit: usize) -> bool {
    let one_more = |now: usize| (now < limit).then_some(now + 1);
    running
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
        .is_ok()
}
