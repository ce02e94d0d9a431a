//! The runtime for users' handlers, and the ones that are added while it is blocked.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Builder;
use std::time::Duration;

use tokio::runtime::{Handle, Runtime};
use tokio::time::Instant;

use super::queue::JobQueue;
use super::runner::{Runner, RunnerThread, THREAD_NAME, run_waiting};
use super::state::UserRuntimeState;
use crate::log_queue;
use crate::registry::UserRuntimeStatus;
use crate::thread_names::spawn_named;

/// Makes one more runtime.
pub(crate) type BuildRuntime = Arc<dyn Fn() -> io::Result<Runtime> + Send + Sync>;

/// How long no task of a runtime must have run until it counts as blocked.
const BLOCKED_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a job waits for a runner before a worker takes it too.
pub(super) const WAITING_CHECK_INTERVAL: Duration = Duration::from_millis(10);

/// Handlers that never return can take all threads of so many runtimes.
const MAX_RUNTIMES: usize = 8;

/// All runtimes of one server.
pub(super) struct RuntimePool {
    queue: Arc<JobQueue>,
    members: Vec<PooledRuntime>,
    build: BuildRuntime,
    state: Arc<UserRuntimeState>,
}

impl Drop for RuntimePool {
    /// The runners notice that the queue is closed.
    fn drop(&mut self) {
        self.members.iter().for_each(|member| member.runner.wake());
        self.state.set(UserRuntimeStatus::new(false, 0));
    }
}

/// One runtime with its runner.
struct PooledRuntime {
    /// Empty until the thread has made the runtime.
    handle: Arc<OnceLock<Handle>>,
    runner: Arc<Runner>,
    /// The poll that the runner was in at the last check.
    last_poll: Option<u64>,
    is_runner_stuck: bool,
    /// Whether a task is queued that no worker has begun yet, and since when.
    is_asked: Arc<AtomicBool>,
    asked_at: Option<Instant>,
    is_blocked: bool,
}

impl RuntimePool {
    /// Starts the runner of the first runtime.
    pub(super) fn start(
        queue: Arc<JobQueue>,
        users: &Handle,
        build: BuildRuntime,
        state: Arc<UserRuntimeState>,
    ) -> io::Result<(Self, RunnerThread)> {
        let first = PooledRuntime::new(OnceLock::from(users.clone()));
        let thread = RunnerThread::start(&first.runner, &queue, users.clone())?;
        let pool = Self {
            queue,
            members: vec![first],
            build,
            state,
        };
        pool.publish();
        Ok((pool, thread))
    }

    /// Has the jobs that wait taken, by the first runtime that is not blocked.
    pub(super) fn wake(&mut self, now: Instant) {
        let queue = &self.queue;
        match self.members.iter_mut().find(|member| !member.is_blocked) {
            Some(member) if member.is_runner_stuck => member.ask_worker(queue, now),
            Some(member) => member.runner.wake(),
            None => self.add(),
        }
    }

    /// Looks for blocked threads and returns when to look again; `None` if nothing runs.
    pub(super) fn check(&mut self, now: Instant) -> Option<Duration> {
        for member in &mut self.members {
            member.check(now);
        }
        let is_waiting = self.queue.has_waiting();
        if is_waiting || self.queue.has_unfinished() {
            let queue = &self.queue;
            match self.members.iter_mut().find(|member| !member.is_blocked) {
                Some(member) => member.ask_worker(queue, now),
                None if is_waiting => self.add(),
                None => {}
            }
        }
        self.publish();
        let is_asked = self.members.iter().any(PooledRuntime::is_asked);
        if is_waiting {
            Some(WAITING_CHECK_INTERVAL)
        } else {
            (is_asked || self.queue.has_unfinished()).then_some(BLOCKED_TIMEOUT)
        }
    }

    fn add(&mut self) {
        if self.members.len() >= MAX_RUNTIMES {
            return;
        }
        let member = PooledRuntime::new(OnceLock::new());
        let (handle, runner) = (Arc::clone(&member.handle), Arc::clone(&member.runner));
        let (build, queue) = (Arc::clone(&self.build), Arc::clone(&self.queue));
        let thread = move || match build() {
            Ok(runtime) => {
                let _ = handle.set(runtime.handle().clone());
                runtime.block_on(runner.run(queue));
                // A handler that never returns must not keep this thread.
                runtime.shutdown_background();
            }
            Err(error) => log_not_added(error),
        };
        match spawn_named(Builder::new(), THREAD_NAME, thread) {
            Ok(_) => self.members.push(member),
            Err(error) => log_not_added(error),
        }
    }

    fn publish(&self) {
        let threads = self.members.iter().map(PooledRuntime::threads).sum();
        let blocked = self.members.iter().any(|member| member.is_blocked);
        self.state.set(UserRuntimeStatus::new(blocked, threads));
    }
}

impl PooledRuntime {
    fn new(handle: OnceLock<Handle>) -> Self {
        Self {
            handle: Arc::new(handle),
            runner: Arc::default(),
            last_poll: None,
            is_runner_stuck: false,
            is_asked: Arc::default(),
            asked_at: None,
            is_blocked: false,
        }
    }

    /// Queues a task that takes jobs. That it runs shows that a worker is free.
    fn ask_worker(&mut self, queue: &Arc<JobQueue>, now: Instant) {
        let Some(handle) = self.handle.get() else {
            return;
        };
        if !self.is_asked.swap(true, Ordering::AcqRel) {
            self.asked_at = Some(now);
            let (is_asked, queue) = (Arc::clone(&self.is_asked), Arc::clone(queue));
            handle.spawn(async move {
                is_asked.store(false, Ordering::Release);
                run_waiting(&queue, || {});
            });
        }
    }

    fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::Acquire)
    }

    fn check(&mut self, now: Instant) {
        let poll = self.runner.current_poll();
        self.is_runner_stuck = poll.is_some() && poll == self.last_poll;
        self.last_poll = poll;
        let waits_long = |asked_at| now.duration_since(asked_at) >= BLOCKED_TIMEOUT;
        self.is_blocked = self.is_asked() && self.asked_at.is_some_and(waits_long);
    }

    /// The runner and the workers.
    fn threads(&self) -> usize {
        let handle = self.handle.get();
        handle.map_or(0, |handle| 1 + handle.metrics().num_workers())
    }
}

fn log_not_added(error: io::Error) {
    log_queue::emit(move || {
        tracing::error!(%error, "no threads can be added while async handlers block those of the user runtime");
    });
}
