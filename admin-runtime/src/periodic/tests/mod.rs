//! The engine on a clock that only tests move.

mod bad_input;
mod cases;
mod commands;
mod joining;
mod plane;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::clock::Clock;
use super::set::Set;
use super::*;

/// How long an event may take that comes unless something is broken.
const PATIENCE: Duration = Duration::from_secs(20);

/// A live set of a server of its own, so that tests do not meet in the process-wide names.
struct Bench {
    threads: PeriodicThreads,
    running: Option<RunningPeriodicThreads>,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self::asleep();
        bench.running = Some(bench.threads.start().unwrap());
        bench
    }

    /// A set that was never started.
    fn asleep() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("bench {}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let clock = Clock::Manual(Mutex::new((Duration::ZERO, UNIX_EPOCH)));
        let set = Set::new(Some(name), clock, &[], &Arc::default());
        Self {
            threads: PeriodicThreads(set),
            running: None,
        }
    }

    fn critical(&self, name: &str) -> PeriodicThreadBuilder {
        let tenth = Duration::from_millis(100);
        self.threads
            .builder(name)
            .level(Level::Critical)
            .interval(tenth)
    }

    /// Moves the monotonic clock; whoever sleeps looks again.
    fn advance(&self, by: Duration) {
        self.with_clocks(|now, _| *now += by);
        self.threads
            .0
            .threads()
            .iter()
            .for_each(|thread| thread.nudge());
    }

    fn set_wall(&self, to: SystemTime) {
        self.with_clocks(|_, wall| *wall = to);
    }

    fn with_clocks(&self, change: impl FnOnce(&mut Duration, &mut SystemTime)) {
        let Clock::Manual(clocks) = self.threads.0.clock() else {
            panic!("the bench has a manual clock");
        };
        let mut clocks = clocks.lock().unwrap();
        let (now, wall) = &mut *clocks;
        change(now, wall);
    }
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Waits until that many runs have ended.
fn after_runs(thread: &PeriodicThread, runs: u64) {
    assert!(
        thread.wait_until(PATIENCE, |status| status.total_runs >= runs),
        "{thread:?}"
    );
}

/// Waits until it is inside a run.
fn inside_a_run(thread: &PeriodicThread) {
    assert!(thread.wait_until(PATIENCE, |status| status.state == PeriodicState::Running));
}

/// A body that stays inside its run until told to go on.
fn gate() -> (Sender<()>, impl FnMut() + Send + 'static) {
    let (open, gate): (Sender<()>, Receiver<()>) = channel();
    let body = move || match gate.recv_timeout(PATIENCE) {
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {}
        Err(RecvTimeoutError::Timeout) => panic!("nobody opened the gate"),
    };
    (open, body)
}
