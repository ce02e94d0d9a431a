//! The thread of a recorder that starts scrapes and performs resets, because sources may block.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use admin_runtime::log_queue;
use admin_runtime::text::one_line;
use tokio::sync::oneshot;

use crate::background::BackgroundThread;
use crate::sync::lock;

/// Name of the thread.
const THREAD_NAME: &str = "admin-metrics";
/// Requests that may wait for the thread.
const MAX_QUEUED_JOBS: usize = 64;

type Job = Box<dyn FnOnce() + Send>;

/// Starts its thread for the first server or job; the thread ends with the last server that keeps
/// it, or when this value is dropped.
#[derive(Default)]
pub(super) struct Worker {
    state: Mutex<WorkerState>,
}

#[derive(Default)]
struct WorkerState {
    running: Option<RunningWorker>,
    /// Servers that keep the thread.
    keepers: usize,
}

struct RunningWorker {
    jobs: SyncSender<Job>,
    thread: BackgroundThread,
    /// A forked child inherits this value but not the thread.
    process: u32,
}

/// A job was not completed.
#[derive(Debug)]
pub(super) enum WorkerError {
    /// The thread could not be started.
    Spawn(io::Error),
    /// [`MAX_QUEUED_JOBS`] jobs are waiting.
    Busy,
    /// The job panicked.
    Panicked,
}

impl Worker {
    /// Runs `job` on the thread, after the jobs before it. A job whose caller was dropped before it
    /// was started is skipped.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WorkerError> {
        let (reply, result) = oneshot::channel();
        self.submit(Box::new(move || {
            if !reply.is_closed() {
                // The caller may have been dropped in the meantime.
                let _ = reply.send(job());
            }
        }))?;
        result.await.map_err(|_| WorkerError::Panicked)
    }

    fn submit(&self, job: Job) -> Result<(), WorkerError> {
        self.sender()?.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => WorkerError::Busy,
            TrySendError::Disconnected(_) => WorkerError::Panicked,
        })
    }

    fn sender(&self) -> Result<SyncSender<Job>, WorkerError> {
        lock(&self.state).sender()
    }

    /// Starts the thread and keeps it until [`release_thread`](Self::release_thread).
    pub(super) fn keep_thread(&self) -> Result<(), WorkerError> {
        let mut state = lock(&self.state);
        state.sender()?;
        state.keepers += 1;
        Ok(())
    }

    /// Ends the thread if nothing else keeps it. A source that blocks it delays this by a second.
    pub(super) fn release_thread(&self) {
        let mut state = lock(&self.state);
        state.keepers = state.keepers.saturating_sub(1);
        drop(state);
        self.end_unless_kept();
    }

    /// Ends a thread that a job has started, unless a server keeps it.
    pub(super) fn end_unless_kept(&self) {
        let mut state = lock(&self.state);
        let ending = match state.keepers {
            0 => state.running.take(),
            _ => None,
        };
        drop(state);
        if let Some(RunningWorker { jobs, thread, .. }) = ending {
            drop(jobs);
            thread.join();
        }
    }
}

impl WorkerState {
    fn sender(&mut self) -> Result<SyncSender<Job>, WorkerError> {
        let process = std::process::id();
        if let Some(running) = self
            .running
            .as_ref()
            .filter(|worker| worker.process == process)
        {
            return Ok(running.jobs.clone());
        }
        let (jobs, received) = sync_channel(MAX_QUEUED_JOBS);
        let thread = BackgroundThread::spawn(THREAD_NAME, move || run_jobs(&received))
            .map_err(WorkerError::Spawn)?;
        self.running = Some(RunningWorker {
            jobs: jobs.clone(),
            thread,
            process,
        });
        Ok(jobs)
    }
}

/// Runs jobs until the worker is dropped.
fn run_jobs(jobs: &Receiver<Job>) {
    for job in jobs {
        // The job's caller is notified, because the panic drops its channel.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(job)) {
            let panic = one_line(message(&*panic));
            log_queue::emit(move || tracing::error!(panic, "a metrics source panicked"));
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown")
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}

impl fmt::Display for WorkerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spawn(error) => write!(f, "The thread for metrics could not be started: {error}"),
            Self::Busy => write!(
                f,
                "{MAX_QUEUED_JOBS} requests for metrics are waiting: try again later"
            ),
            Self::Panicked => f.write_str("A metrics source panicked"),
        }
    }
}

impl Error for WorkerError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn jobs_run_after_a_panic() {
        let worker = Worker::default();
        let failed = worker.run(|| panic!("on purpose")).await;
        assert!(matches!(failed, Err(WorkerError::Panicked)));
        assert_eq!(worker.run(|| 7).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn queue_is_bounded() {
        let worker = Worker::default();
        let (release, gate) = std::sync::mpsc::channel::<()>();
        let (entered, started) = oneshot::channel();
        worker
            .submit(Box::new(move || {
                entered.send(()).unwrap();
                let _ = gate.recv();
            }))
            .unwrap();
        started.await.unwrap();
        for _ in 0..MAX_QUEUED_JOBS {
            worker.submit(Box::new(|| {})).unwrap();
        }
        let rejected = worker.submit(Box::new(|| {}));
        assert!(matches!(rejected, Err(WorkerError::Busy)));
        drop(release);
    }
}
