//! Threads of sync checks.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::check::Check;
use super::kind::CheckKind;
use super::shared::CheckShared;
use crate::periodic::life::NextStep;
use crate::periodic::schedule::Moment;
use crate::sync::lock;

/// Ends the threads when dropped, without waiting for runs in progress.
pub(super) struct CheckPool(Arc<CheckPoolState>);

struct CheckPoolState {
    checks: Vec<Arc<Check>>,
    shared: Arc<CheckShared>,
    queue: Mutex<PoolQueue>,
    changed: Condvar,
}

#[derive(Default)]
struct PoolQueue {
    /// When each check that is not inside a run is due, and its position in the list.
    due: BinaryHeap<Reverse<(Moment, usize)>>,
    is_closed: bool,
}

impl CheckPool {
    /// Starts at most so many threads for checks that have been started.
    pub(super) fn start(
        checks: Vec<Arc<Check>>,
        kind: CheckKind,
        max_threads: usize,
        shared: &Arc<CheckShared>,
    ) -> io::Result<Self> {
        let count = checks.len();
        let name = match kind {
            CheckKind::Live => "health-live",
            CheckKind::Ready => "health-check",
        };
        let now = shared.timeline.now();
        let pool = Self(Arc::new(CheckPoolState {
            checks,
            shared: Arc::clone(shared),
            queue: Mutex::new(PoolQueue {
                due: (0..count).map(|check| Reverse((now, check))).collect(),
                is_closed: false,
            }),
            changed: Condvar::new(),
        }));
        for number in 0..count.min(max_threads) {
            let state = Arc::clone(&pool.0);
            std::thread::Builder::new()
                .name(format!("{name}-{number}"))
                .spawn(move || state.work())?;
        }
        Ok(pool)
    }
}

impl Drop for CheckPool {
    fn drop(&mut self) {
        let due = {
            let mut queue = lock(&self.0.queue);
            queue.is_closed = true;
            std::mem::take(&mut queue.due)
        };
        self.0.changed.notify_all();
        for Reverse((_, check)) in due {
            self.0.checks[check].end();
        }
    }
}

impl CheckPoolState {
    /// Runs checks as they are due. A thread that waits leaves the check in the heap, so that
    /// another one can take it.
    fn work(&self) {
        let mut queue = lock(&self.queue);
        while !queue.is_closed {
            let earliest = queue.due.peek().map(|Reverse((due, _))| *due);
            let sleep = match earliest {
                None => None,
                Some(due) if due <= self.shared.timeline.now() => {
                    let Some(Reverse((_, check))) = queue.due.pop() else {
                        continue;
                    };
                    drop(queue);
                    let due = self.run(check);
                    queue = lock(&self.queue);
                    match due {
                        Some(due) if !queue.is_closed => {
                            queue.due.push(Reverse((due, check)));
                            self.changed.notify_one();
                        }
                        _ => self.checks[check].end(),
                    }
                    continue;
                }
                Some(due) => self.shared.timeline.time_until(due),
            };
            queue = match sleep {
                Some(sleep) => {
                    let slept = self.changed.wait_timeout(queue, sleep);
                    slept.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .changed
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Runs a check if it is due; when it is due again.
    fn run(&self, check: usize) -> Option<Moment> {
        let check = &self.checks[check];
        loop {
            match check.next_step(&self.shared.timeline) {
                NextStep::Run => check.run_blocking(&self.shared),
                NextStep::SleepUntil(due) => return Some(due),
                NextStep::Sleep | NextStep::End => return None,
            }
        }
    }
}
