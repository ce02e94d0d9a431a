//! Whole sets of threads, on a clock that only tests advance.

mod bad_input;
mod cases;
mod commands;
mod joining;
mod server;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::clock::Clock;

/// How long an event may take on a busy machine.
const EVENT_TIMEOUT: Duration = Duration::from_secs(20);

/// The threads of a server of its own name, since names are claimed for the whole process.
struct Fixture {
    clock: Clock,
    threads: PeriodicThreads,
    running: Option<RunningThreads>,
}

impl Fixture {
    /// Threads that are started when they join.
    fn new() -> Self {
        let mut fixture = Self::stopped();
        fixture.running = Some(fixture.threads.start().unwrap());
        fixture
    }

    /// Threads that were never started.
    fn stopped() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("server {}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let clock = Clock::manual(Clock::system().now(), UNIX_EPOCH);
        Self {
            threads: PeriodicThreads::with_clock(Some(name), clock.clone()),
            clock,
            running: None,
        }
    }

    fn critical(&self, name: &str) -> ThreadBuilder {
        self.threads
            .builder(name)
            .level(Criticality::Critical)
            .interval(ms(100))
    }

    /// Advances the clock and wakes all sleepers.
    fn advance(&self, by: Duration) {
        self.clock.advance(by);
        for thread in self.threads.all() {
            thread.thread().wake_sleepers();
        }
    }
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Waits until that many runs have ended.
fn after_runs(thread: &PeriodicThread, runs: u64) {
    assert!(
        thread.wait_until(EVENT_TIMEOUT, |status| status.total_runs >= runs),
        "{thread:?}"
    );
}

/// Waits until the thread is inside a run.
fn inside_a_run(thread: &PeriodicThread) {
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.state == ThreadState::Running));
}

/// A body that stays inside its run until the gate is opened or dropped.
fn gate() -> (Sender<()>, impl FnMut() + Send + 'static) {
    let (open, gate): (Sender<()>, Receiver<()>) = channel();
    let body = move || match gate.recv_timeout(EVENT_TIMEOUT) {
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {}
        Err(RecvTimeoutError::Timeout) => panic!("the gate was not opened"),
    };
    (open, body)
}
