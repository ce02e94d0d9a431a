//! Takes jobs from the queue and polls each once.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::task::{Context, Poll, Waker};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::runtime::Handle;

use super::queue::JobQueue;
use crate::thread_names::spawn_named;

/// The name of a runner's thread.
pub(super) const THREAD_NAME: &str = "admin-user";

/// A thread in the context of a runtime. It is not one of its workers: waking it wakes no other.
#[derive(Default)]
pub(super) struct Runner {
    waker: AtomicWaker,
    /// Odd while a handler is polled; it changes with every poll.
    polls: AtomicU64,
}

impl Runner {
    /// Runs jobs until the queue is closed.
    pub(super) async fn run(self: Arc<Self>, queue: Arc<JobQueue>) {
        poll_fn(|context| {
            self.waker.register(context.waker());
            if queue.is_closed() {
                return Poll::Ready(());
            }
            run_waiting(&queue, || {
                self.polls.fetch_add(1, Ordering::Relaxed);
            });
            Poll::Pending
        })
        .await;
    }

    pub(super) fn wake(&self) {
        self.waker.wake();
    }

    /// The poll that it is in, if it is in one.
    pub(super) fn current_poll(&self) -> Option<u64> {
        Some(self.polls.load(Ordering::Relaxed)).filter(|polls| polls % 2 == 1)
    }
}

/// The thread of the first runner. It ends when the queue is closed.
pub(crate) struct RunnerThread {
    thread: JoinHandle<()>,
    ended: Receiver<()>,
}

impl RunnerThread {
    pub(super) fn start(
        runner: &Arc<Runner>,
        queue: &Arc<JobQueue>,
        users: Handle,
    ) -> io::Result<Self> {
        let run = Arc::clone(runner).run(Arc::clone(queue));
        let (end, ended) = mpsc::channel();
        let thread = move || {
            users.block_on(run);
            drop(end);
        };
        let thread = spawn_named(Builder::new(), THREAD_NAME, thread)?;
        Ok(Self { thread, ended })
    }

    /// Waits until the thread has ended, unless a handler keeps it for longer.
    pub(crate) fn join_within(self, timeout: Duration) {
        if let Err(RecvTimeoutError::Disconnected) = self.ended.recv_timeout(timeout) {
            let _ = self.thread.join();
        }
    }
}

/// Runs the jobs that wait; `mark` is called before and after each poll.
///
/// A job that is not ready becomes a task of the current runtime, which polls it again: its first
/// poll cannot wake it.
pub(super) fn run_waiting(queue: &Arc<JobQueue>, mark: impl Fn()) {
    let mut context = Context::from_waker(Waker::noop());
    let mut has_outcome = false;
    while let Some(mut job) = queue.take() {
        mark();
        let polled = job.poll_finished(&mut context);
        mark();
        match polled {
            Poll::Pending => {
                let queue = Arc::clone(queue);
                tokio::spawn(async move {
                    job.await;
                    queue.count_finished();
                });
            }
            Poll::Ready(finished) => {
                queue.count_finished();
                if let Some(finished) = finished {
                    queue.finish(finished);
                    has_outcome = true;
                }
            }
        }
    }
    if has_outcome {
        queue.wake_dispatcher();
    }
}
