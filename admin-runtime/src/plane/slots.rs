//! The bounded pool of sync handlers: how many run, in all and of each endpoint.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Plane;
use crate::limits::Limits;

/// Running sync handlers of one server.
#[derive(Debug)]
pub(crate) struct Slots {
    all: AtomicUsize,
    of_endpoint: Box<[AtomicUsize]>,
}

/// Held by the thread that runs the handler, so one that timed out keeps its slot until it returns.
pub(crate) struct Slot {
    plane: Arc<Plane>,
    endpoint: usize,
}

impl Slots {
    pub(crate) fn new(endpoints: usize) -> Self {
        let of_endpoint = (0..endpoints).map(|_| AtomicUsize::new(0)).collect();
        Self {
            all: AtomicUsize::new(0),
            of_endpoint,
        }
    }

    /// A slot for an endpoint; `None` while the server or the endpoint has no free one.
    pub(crate) fn take(plane: &Arc<Plane>, endpoint: usize) -> Option<Slot> {
        let Limits {
            blocking,
            blocking_per_endpoint,
            ..
        } = plane.limits;
        let slots = &plane.slots;
        if !enter(&slots.all, blocking) {
            return None;
        }
        if !enter(&slots.of_endpoint[endpoint], blocking_per_endpoint) {
            slots.all.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Slot {
            plane: Arc::clone(plane),
            endpoint,
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let slots = &self.plane.slots;
        slots.of_endpoint[self.endpoint].fetch_sub(1, Ordering::Relaxed);
        slots.all.fetch_sub(1, Ordering::Relaxed);
    }
}

fn enter(running: &AtomicUsize, limit: usize) -> bool {
    let one_more = |now: usize| (now < limit).then_some(now + 1);
    running
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
        .is_ok()
}
