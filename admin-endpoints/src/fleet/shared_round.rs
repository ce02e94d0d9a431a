//! Work whose result all get who ask for it while it is done.

use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use crate::sync::lock;

type Round<T> = BoxFuture<'static, Arc<T>>;

/// One round of work at a time; it is dropped with the last of those who wait for it.
pub(super) struct SharedRound<T>(Mutex<Option<WeakShared<Round<T>>>>);

impl<T: Send + Sync + 'static> SharedRound<T> {
    /// The round that runs, or a new one.
    pub(super) fn join(&self, start: impl FnOnce() -> BoxFuture<'static, T>) -> Shared<Round<T>> {
        let mut running = lock(&self.0);
        // One that has ended has no more to say to those who come now.
        let joined = running.as_ref().and_then(WeakShared::upgrade);
        if let Some(round) = joined.filter(|round| round.peek().is_none()) {
            return round;
        }
        let round = start().map(Arc::new).boxed().shared();
        *running = round.downgrade();
        round
    }
}

impl<T> Default for SharedRound<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn all_who_wait_get_one_round() {
        let (round, begun) = (SharedRound::default(), AtomicUsize::new(0));
        let start = || {
            let number = begun.fetch_add(1, Ordering::SeqCst);
            async move { number }.boxed()
        };
        let waiting = [round.join(start), round.join(start)];
        let results = waiting.map(|one| *one.now_or_never().unwrap());
        assert_eq!((results, begun.load(Ordering::SeqCst)), ([0, 0], 1));
        let next = round.join(start);
        assert_eq!(*next.clone().now_or_never().unwrap(), 1);
        // The result is still there, but it is of before.
        assert_eq!(*round.join(start).now_or_never().unwrap(), 2);
        drop(next);
    }

    #[test]
    fn round_ends_with_the_last_who_waits() {
        let round: SharedRound<usize> = SharedRound::default();
        let never = || std::future::pending().boxed();
        let waiting = [round.join(never), round.join(never)];
        drop(waiting);
        let again = round.join(|| async { 7 }.boxed());
        assert_eq!(*again.now_or_never().unwrap(), 7);
    }
}
