//! How many streams of one process there are at the same time.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::limits::MAX_CLIENTS;

static CLIENTS: AtomicUsize = AtomicUsize::new(0);

/// The right to one stream; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct ClientPermit(());

impl ClientPermit {
    /// `None` if there are [`MAX_CLIENTS`] streams already.
    pub(super) fn acquire() -> Option<Self> {
        let one_more = |clients| (clients < MAX_CLIENTS).then_some(clients + 1);
        let acquired = CLIENTS.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more);
        acquired.ok().map(|_| Self(()))
    }
}

impl Drop for ClientPermit {
    fn drop(&mut self) {
        CLIENTS.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_permit_can_be_acquired_again() {
        let permits: Vec<_> = std::iter::from_fn(ClientPermit::acquire).collect();
        assert_eq!(permits.len(), MAX_CLIENTS);
        assert!(ClientPermit::acquire().is_none());
        drop(permits);
        assert!(ClientPermit::acquire().is_some());
    }
}
