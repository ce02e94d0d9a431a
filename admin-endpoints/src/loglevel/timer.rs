//! The thread that ends timed levels. It starts with a change and ends when nothing is left to do.

use std::io;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Instant;

use admin_runtime::clock::Clock;

use crate::sync::lock;

/// What the thread of a [`Timer`] runs.
pub(super) trait TimerTask: Send + Sync + 'static {
    /// Does what is due and returns when to run next; `None` if nothing is left to do.
    fn run_due(&self) -> Option<Instant>;
}

/// The handle of the thread, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Timer {
    sleep: Arc<Sleep>,
}

impl Timer {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            sleep: Arc::new(Sleep {
                clock,
                state: Mutex::default(),
                changed: Condvar::new(),
            }),
        }
    }

    /// Starts the thread, or makes the one that runs run its task once more before it ends. The
    /// caller holds a lock that the task takes, until there is something to do.
    pub(super) fn start<T: TimerTask>(&self, task: Weak<T>) -> io::Result<()> {
        let mut state = lock(&self.sleep.state);
        if state.running {
            state.woken = true;
            self.sleep.changed.notify_all();
            return Ok(());
        }
        let sleep = Arc::clone(&self.sleep);
        let run = move || {
            // The task is not kept alive while the thread sleeps, so that it can be dropped.
            while let Some(next) = task.upgrade().map(|task| task.run_due()) {
                match next {
                    Some(next) => sleep.until(next),
                    None if sleep.end() => break,
                    None => {}
                }
            }
        };
        thread::Builder::new()
            .name("log-level-timer".into())
            .spawn(run)?;
        state.running = true;
        Ok(())
    }

    /// Makes the thread run its task now.
    pub(super) fn wake(&self) {
        self.sleep.wake();
    }

    /// Makes the thread run its task, and returns when it sleeps again or has ended.
    #[cfg(test)]
    pub(super) fn run_to_completion(&self) {
        self.wake();
        let state = lock(&self.sleep.state);
        let busy = |state: &mut SleepState| state.running && (state.woken || !state.sleeping);
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
    /// Whether there is a thread.
    running: bool,
    #[cfg(test)]
    sleeping: bool,
}

impl Sleep {
    /// Blocks until the time is reached or [`wake`](Self::wake) was called since the last sleep.
    fn until(&self, end: Instant) {
        let mut state = lock(&self.state);
        #[cfg(test)]
        {
            state.sleeping = true;
            self.changed.notify_all();
        }
        let asleep = |state: &mut SleepState| !state.woken;
        // A manual clock has no time until the end: whoever moves it wakes the thread.
        state = match self.clock.time_until(end) {
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
        state.woken = false;
        #[cfg(test)]
        {
            state.sleeping = false;
        }
    }

    /// Ends the thread, unless it was woken since the last sleep.
    fn end(&self) -> bool {
        let mut state = lock(&self.state);
        if mem::take(&mut state.woken) {
            return false;
        }
        state.running = false;
        self.changed.notify_all();
        true
    }

    fn wake(&self) {
        lock(&self.state).woken = true;
        self.changed.notify_all();
    }
}
