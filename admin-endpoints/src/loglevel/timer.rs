//! The thread that ends timed levels. It starts with the first change and sleeps in between.

use std::io;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, Weak};
use std::thread;
use std::time::Instant;

use admin_runtime::clock::Clock;

use crate::sync::lock;

/// What the thread of a [`Timer`] runs.
pub(super) trait TimerTask: Send + Sync + 'static {
    /// Does what is due and returns when to run next; `None` for not before the timer is woken.
    fn run_due(&self) -> Option<Instant>;
}

/// The handle of the thread, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Timer {
    sleep: Arc<Sleep>,
    started: OnceLock<()>,
}

impl Timer {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            sleep: Arc::new(Sleep {
                clock,
                state: Mutex::default(),
                changed: Condvar::new(),
            }),
            started: OnceLock::new(),
        }
    }

    /// Starts the thread unless it is running. Calls must not overlap.
    pub(super) fn start<T: TimerTask>(&self, task: Weak<T>) -> io::Result<()> {
        if self.started.get().is_some() {
            return Ok(());
        }
        let sleep = Arc::clone(&self.sleep);
        let run = move || {
            // The task is not kept alive while the thread sleeps, so that it can be dropped.
            while let Some(next) = task.upgrade().map(|task| task.run_due()) {
                sleep.until(next);
            }
        };
        thread::Builder::new()
            .name("log-level-timer".into())
            .spawn(run)?;
        self.started.get_or_init(|| ());
        Ok(())
    }

    /// Makes the thread run its task now.
    pub(super) fn wake(&self) {
        self.sleep.wake();
    }

    /// Makes the thread run its task, and returns when it sleeps again.
    #[cfg(test)]
    pub(super) fn run_to_completion(&self) {
        self.wake();
        let state = lock(&self.sleep.state);
        let busy = |state: &mut SleepState| state.woken || !state.sleeping;
        drop(self.sleep.changed.wait_while(state, busy).unwrap());
    }

    /// Whether the thread has ended.
    #[cfg(test)]
    pub(super) fn end_of_thread(&self) -> impl Fn() -> bool + use<> {
        let sleep = Arc::downgrade(&self.sleep);
        move || sleep.strong_count() == 0
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.wake();
    }
}

/// The sleep of the thread.
#[derive(Debug)]
struct Sleep {
    clock: Clock,
    state: Mutex<SleepState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct SleepState {
    /// Ends the current sleep or the next one.
    woken: bool,
    #[cfg(test)]
    sleeping: bool,
}

impl Sleep {
    /// Blocks until the time is reached or [`wake`](Self::wake) was called since the last sleep.
    fn until(&self, end: Option<Instant>) {
        let mut state = lock(&self.state);
        #[cfg(test)]
        {
            state.sleeping = true;
            self.changed.notify_all();
        }
        let asleep = |state: &mut SleepState| !state.woken;
        // A manual clock has no time until the end: whoever moves it wakes the thread.
        state = match end.and_then(|end| self.clock.time_until(end)) {
            None => self
                .changed
                .wait_while(state, asleep)
                .unwrap_or_else(PoisonError::into_inner),
            Some(left) => {
                self.changed
                    .wait_timeout_while(state, left, asleep)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
        };
        *state = SleepState::default();
    }

    fn wake(&self) {
        lock(&self.state).woken = true;
        self.changed.notify_all();
    }
}
