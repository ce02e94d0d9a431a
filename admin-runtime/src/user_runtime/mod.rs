//! Where async user handlers run: beside the runtime that serves connections.
//!
//! Waking a thread costs more than a small handler does. Handlers are therefore passed on in
//! batches: the connections that are ready together queue their handlers, a task of the admin
//! runtime wakes one thread for all of them, that thread polls each once and returns the outcomes
//! together. A handler that is not ready at its first poll becomes a task of the runtime.
//!
//! A handler may block its thread. The others are then taken by the workers of the runtime, and by
//! another runtime when all of them are blocked.

mod dispatcher;
mod job;
mod pool;
mod queue;
mod runner;
mod state;

use std::io;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

pub(crate) use self::job::{HandlerFuture, HandlerOutcome};
pub(crate) use self::pool::BuildRuntime;
pub(crate) use self::runner::RunnerThread;
pub(crate) use self::state::{UserRuntimeState, describe};

use self::dispatcher::Dispatcher;
use self::job::UserJob;
use self::pool::RuntimePool;
use self::queue::JobQueue;

/// The runtime for users' handlers of one server.
#[derive(Clone)]
pub(crate) struct UserRuntime {
    handle: Handle,
    queue: Arc<JobQueue>,
}

impl UserRuntime {
    /// Starts the thread that runs handlers on `users`, and the task on `admin` that wakes it.
    /// `build` makes one more runtime while `users` is blocked.
    ///
    /// # Errors
    ///
    /// If the system has no thread.
    pub(crate) fn start(
        users: &Handle,
        admin: &Handle,
        build: BuildRuntime,
        state: Arc<UserRuntimeState>,
    ) -> io::Result<(Self, RunnerThread)> {
        let queue = Arc::new(JobQueue::default());
        let (pool, thread) = RuntimePool::start(Arc::clone(&queue), users, build, state)?;
        admin.spawn(Dispatcher::new(Arc::clone(&queue), pool).run());
        let runtime = Self {
            handle: users.clone(),
            queue,
        };
        Ok((runtime, thread))
    }

    /// The runtime itself.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Runs a handler. If the receiver is dropped, the handler is dropped at its next await.
    ///
    /// The receiver gets an error if the server stops before the handler has ended.
    pub(crate) fn run(&self, handler: HandlerFuture) -> oneshot::Receiver<HandlerOutcome> {
        let (job, receiver) = UserJob::new(handler);
        self.queue.submit(job);
        receiver
    }

    /// Ends the threads as soon as their handlers return, and drops the handlers that wait.
    pub(crate) fn close(&self) {
        self.queue.close();
    }
}
