//! Where checks run: live ones apart from ready ones, which may hang as long as what they depend on.

use tokio::runtime::Handle;

use super::kind::CheckKind;

/// All threads for checks of one server.
const MAX_THREADS: usize = 8;

/// Sync live checks share so many of them.
const MAX_LIVE_THREADS: usize = 2;

/// The runtimes of the async checks of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CheckRuntimes<'a> {
    ready: Option<&'a Handle>,
    live: Option<&'a Handle>,
    /// Whether the runtime of the live checks has a thread for them alone.
    pub(super) has_live_thread: bool,
}

impl<'a> CheckRuntimes<'a> {
    /// One runtime for all of them.
    pub(crate) fn shared(runtime: Option<&'a Handle>) -> Self {
        Self {
            ready: runtime,
            live: runtime,
            has_live_thread: false,
        }
    }

    /// A runtime for ready checks, and one that runs live checks only.
    pub(crate) fn separate(ready: &'a Handle, live: Option<&'a Handle>) -> Self {
        Self {
            ready: Some(ready),
            live,
            has_live_thread: live.is_some(),
        }
    }

    pub(super) fn of_kind(self, kind: CheckKind) -> Option<&'a Handle> {
        match kind {
            CheckKind::Live => self.live,
            CheckKind::Ready => self.ready,
        }
    }
}

/// How many threads the sync checks of each kind have at most.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ThreadShares {
    pub(super) live: usize,
    pub(super) ready: usize,
}

impl ThreadShares {
    /// The shares for so many sync live checks.
    pub(super) fn new(live_checks: usize, has_live_thread: bool) -> Self {
        let live = live_checks.min(MAX_LIVE_THREADS);
        Self {
            live,
            ready: MAX_THREADS - live - usize::from(has_live_thread),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_threads_are_at_most_eight() {
        let table = [(0, false, 0, 8), (1, false, 1, 7), (9, false, 2, 6)];
        let with_runtime = [(0, true, 0, 7), (1, true, 1, 6), (9, true, 2, 5)];
        for (checks, has_live_thread, live, ready) in table.into_iter().chain(with_runtime) {
            let shares = ThreadShares::new(checks, has_live_thread);
            assert_eq!(shares, ThreadShares { live, ready }, "{checks} live checks");
        }
    }
}
