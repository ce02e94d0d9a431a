//! What all checks of one server share.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::periodic::RunContext;
use crate::periodic::timeline::Timeline;
use crate::sync::lock;

/// The arguments of the runs, the clock, and the callers that wait for a result.
pub(super) struct CheckShared {
    pub(super) context: RunContext,
    pub(super) timeline: Timeline,
    waiting: Mutex<()>,
    changed: Condvar,
}

/// Some changes are not announced: those of periodic threads.
const MAX_WAIT: Duration = Duration::from_millis(20);

impl CheckShared {
    pub(super) fn new(context: RunContext, clock: Clock) -> Self {
        Self {
            context,
            timeline: Timeline::new(clock),
            waiting: Mutex::new(()),
            changed: Condvar::new(),
        }
    }

    pub(super) fn notify_waiters(&self) {
        drop(lock(&self.waiting));
        self.changed.notify_all();
    }

    /// Waits until the condition holds; `false` after the timeout.
    pub(super) fn wait_until(&self, timeout: Duration, condition: impl Fn() -> bool) -> bool {
        let clock = Clock::system();
        let began = clock.now();
        let mut waiting = lock(&self.waiting);
        loop {
            if condition() {
                return true;
            }
            let left = timeout.saturating_sub(clock.now().saturating_duration_since(began));
            if left.is_zero() {
                return false;
            }
            let waited = self.changed.wait_timeout(waiting, left.min(MAX_WAIT));
            waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
