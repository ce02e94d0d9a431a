//! The clock that timed levels end by, so that tests can stop it.

use std::fmt::Debug;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

/// One moment on both clocks: the steady one to measure with, the wall clock to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) steady: Instant,
    pub(super) wall: SystemTime,
}

/// Tells the time, and has one thread wait for it.
pub(super) trait Clock: Debug + Send + Sync {
    fn now(&self) -> Moment;

    /// Blocks until the time has come or [`wake`](Self::wake) was called since the last wait.
    fn wait_until(&self, end: Option<Instant>);

    /// Ends the wait, or the next one when there is none.
    fn wake(&self);
}

/// The machine's clocks.
#[derive(Debug, Default)]
pub(super) struct SystemClock {
    woken: Mutex<bool>,
    wake: Condvar,
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that is passed in"
    )]
    fn now(&self) -> Moment {
        Moment {
            steady: Instant::now(),
            wall: SystemTime::now(),
        }
    }

    fn wait_until(&self, end: Option<Instant>) {
        let woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut woken = match end {
            None => self
                .wake
                .wait_while(woken, |woken| !*woken)
                .unwrap_or_else(PoisonError::into_inner),
            Some(end) => {
                let left = end.saturating_duration_since(self.now().steady);
                self.wake
                    .wait_timeout_while(woken, left, |woken| !*woken)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
        };
        *woken = false;
    }

    fn wake(&self) {
        *self.woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.wake.notify_one();
    }
}
