//! The one thread that sees what only time can tell: a run that is overdue, a run that hangs.
//!
//! It sleeps until the earliest moment at which a verdict may change, at least a second. A set
//! without threads has no watch.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::clock::Clock;
use super::schedule::Moment;

/// At most one wake-up in this time.
const SHORTEST_SLEEP: Duration = Duration::from_secs(1);

/// Stops and joins the thread when dropped.
#[derive(Debug)]
pub(super) struct Watch {
    signal: Arc<Signal>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Signal {
    inner: Mutex<Asked>,
    changed: Condvar,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Asked {
    #[default]
    Nothing,
    LookAgain,
    Stop,
}

impl Watch {
    /// Starts watching. `look` observes every thread and gives the next moment that matters.
    pub(super) fn start(
        clock: Arc<Clock>,
        look: impl Fn() -> Option<Moment> + Send + 'static,
    ) -> io::Result<Self> {
        let signal = Arc::new(Signal::default());
        let own = Arc::clone(&signal);
        let thread = std::thread::Builder::new()
            .name("periodic-watch".to_owned())
            .spawn(move || own.run(&clock, look))?;
        Ok(Self {
            signal,
            thread: Some(thread),
        })
    }

    /// Says that a moment may matter earlier than at the last look.
    pub(super) fn look_again(&self) {
        self.signal.ask(Asked::LookAgain);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.signal.ask(Asked::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the watch over periodic threads had panicked");
        }
    }
}

impl Signal {
    fn ask(&self, what: Asked) {
        let mut asked = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if *asked != Asked::Stop {
            *asked = what;
        }
        self.changed.notify_all();
    }

    fn run(&self, clock: &Clock, look: impl Fn() -> Option<Moment>) {
        loop {
            let matters = look();
            let floor = clock.now().saturating_add(SHORTEST_SLEEP);
            if self.sleep(clock, floor, false) {
                return;
            }
            if let Some(rest) = matters.filter(|moment| *moment > floor) {
                if self.sleep(clock, rest, true) {
                    return;
                }
            } else if matters.is_none() && self.sleep(clock, Moment::MAX, true) {
                return;
            }
        }
    }

    /// Sleeps until then, if it may until there is reason to look; whether to stop.
    fn sleep(&self, clock: &Clock, until: Moment, may_end_early: bool) -> bool {
        let mut asked = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match *asked {
                Asked::Stop => return true,
                Asked::LookAgain if may_end_early => {
                    *asked = Asked::Nothing;
                    return false;
                }
                Asked::Nothing | Asked::LookAgain => {}
            }
            if clock.now() >= until {
                return false;
            }
            asked = match clock.until(until) {
                Some(sleep) => {
                    let slept = self.changed.wait_timeout(asked, sleep);
                    slept.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .changed
                    .wait(asked)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}
