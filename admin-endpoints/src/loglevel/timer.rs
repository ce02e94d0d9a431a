//! The thread that ends timed levels. It starts with the first change and sleeps in between.

use std::io;
use std::sync::{Arc, OnceLock, Weak};
use std::thread;
use std::time::Instant;

use super::clock::Clock;

/// What the thread does when the time has come; it answers when to do it next.
pub(super) trait Tick: Send + Sync + 'static {
    fn tick(&self) -> Option<Instant>;
}

/// The thread's handle; the thread ends when this is dropped.
#[derive(Debug)]
pub(super) struct Timer {
    clock: Arc<dyn Clock>,
    started: OnceLock<()>,
}

impl Timer {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Timer {
            clock,
            started: OnceLock::new(),
        }
    }

    /// Starts the thread unless it runs. Calls must not overlap.
    pub(super) fn start<T: Tick>(&self, owner: Weak<T>) -> io::Result<()> {
        if self.started.get().is_some() {
            return Ok(());
        }
        let clock = Arc::clone(&self.clock);
        let run = move || {
            // The owner is let go before the wait, or it could never end.
            while let Some(next) = owner.upgrade().map(|owner| owner.tick()) {
                clock.wait_until(next);
            }
        };
        thread::Builder::new()
            .name("log-level-timer".into())
            .spawn(run)?;
        self.started.get_or_init(|| ());
        Ok(())
    }

    /// Has the thread look again when to wake.
    pub(super) fn wake(&self) {
        self.clock.wake();
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.wake();
    }
}
