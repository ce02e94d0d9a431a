//! The watchdog: one thread that detects faults which only time reveals, a run that is overdue or
//! stuck.
//!
//! It sleeps until the earliest moment at which a fault is possible, at least a second. A set
//! without threads has no watchdog.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::schedule::Moment;
use super::timeline::Timeline;
use crate::log_queue;
use crate::sync::lock;

/// The shortest time between two checks.
const MIN_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Stops and joins the thread when dropped.
#[derive(Debug)]
pub(super) struct Watchdog {
    signal: Arc<Signal>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Signal {
    request: Mutex<WatchdogRequest>,
    changed: Condvar,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum WatchdogRequest {
    #[default]
    None,
    Recheck,
    Stop,
}

impl Watchdog {
    /// Starts the thread. `check` checks every periodic thread and returns the next moment at which
    /// a fault is possible.
    pub(super) fn start(
        timeline: Arc<Timeline>,
        check: impl Fn() -> Option<Moment> + Send + 'static,
    ) -> io::Result<Self> {
        let signal = Arc::new(Signal::default());
        let own = Arc::clone(&signal);
        let thread = std::thread::Builder::new()
            .name("periodic-watch".to_owned())
            .spawn(move || own.run(&timeline, check))?;
        Ok(Self {
            signal,
            thread: Some(thread),
        })
    }

    /// Requests a check, because a fault may be possible earlier than at the last check.
    pub(super) fn recheck(&self) {
        self.signal.send(WatchdogRequest::Recheck);
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.signal.send(WatchdogRequest::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log_queue::emit(|| tracing::error!("the watchdog of the periodic threads panicked"));
        }
    }
}

impl Signal {
    fn lock(&self) -> MutexGuard<'_, WatchdogRequest> {
        lock(&self.request)
    }

    fn send(&self, new: WatchdogRequest) {
        let mut request = self.lock();
        if *request != WatchdogRequest::Stop {
            *request = new;
        }
        self.changed.notify_all();
    }

    fn run(&self, timeline: &Timeline, check: impl Fn() -> Option<Moment>) {
        loop {
            let next_check = check();
            let earliest = timeline.now().saturating_add(MIN_CHECK_INTERVAL);
            if self.sleep(timeline, earliest, false) {
                return;
            }
            let next_check = next_check.unwrap_or(Moment::MAX);
            if next_check > earliest && self.sleep(timeline, next_check, true) {
                return;
            }
        }
    }

    /// Sleeps until that moment or, if `interruptible`, until a check is requested; whether to stop.
    fn sleep(&self, timeline: &Timeline, until: Moment, interruptible: bool) -> bool {
        let mut request = self.lock();
        loop {
            match *request {
                WatchdogRequest::Stop => return true,
                WatchdogRequest::Recheck if interruptible => {
                    *request = WatchdogRequest::None;
                    return false;
                }
                WatchdogRequest::None | WatchdogRequest::Recheck => {}
            }
            if timeline.now() >= until {
                return false;
            }
            request = match timeline.time_until(until) {
                Some(sleep) => {
                    let slept = self.changed.wait_timeout(request, sleep);
                    slept.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .changed
                    .wait(request)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}
