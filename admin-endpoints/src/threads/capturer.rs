//! The one thread of the process that takes dumps.
//!
//! It is started by the first request. Requests that come while a dump is being taken wait for
//! the next one and share it. Two servers in one process share the thread, since the signal
//! handler and the symbol tables belong to the process.

use super::asking_server::AskingServer;
use super::capture::Collector;
use super::query::{MOST_FRAMES, Query};
use super::report::{Cut, Report};
use admin_runtime::thread_names;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Builder;
use std::time::Duration;
use std::{fmt, io, mem};

/// How many requests may wait.
const WAITING: usize = 64;
/// How long symbol tables are kept after the last dump.
const KEEP_TABLES: Duration = Duration::from_secs(60);
/// The name of the thread.
const NAME: &str = "admin-thread-dump";

/// Why there is no dump.
///
/// ```
/// use admin_endpoints::threads::CaptureError;
///
/// assert_eq!(
///     CaptureError::Busy.to_string(),
///     "64 requests for a thread dump are waiting; try again"
/// );
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CaptureError {
    /// As many requests as may wait are waiting.
    Busy,
    /// The thread that takes dumps could not be started, or the threads could not be listed.
    System(Arc<io::Error>),
    /// The dump failed in a way that should not happen.
    Failed,
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => write!(
                f,
                "{WAITING} requests for a thread dump are waiting; try again"
            ),
            Self::System(error) => write!(f, "the threads could not be listed: {error}"),
            Self::Failed => f.write_str("the thread dump failed"),
        }
    }
}

impl std::error::Error for CaptureError {}

type Deliver = Box<dyn FnOnce(Result<Report, CaptureError>) + Send>;

struct Job {
    query: Query,
    server: AskingServer,
    deliver: Deliver,
}

#[derive(Default)]
struct Queue {
    jobs: Vec<Job>,
    started: bool,
}

#[derive(Default)]
struct Capturer {
    queue: Mutex<Queue>,
    arrived: Condvar,
}

/// The capturers of this process and of those that it was forked from, oldest first: a child
/// inherits the memory of its parent's capturer but not its thread, and perhaps a locked queue.
struct Generation {
    process: u32,
    capturer: Arc<Capturer>,
    next: OnceLock<Box<Generation>>,
}

static FIRST: OnceLock<Box<Generation>> = OnceLock::new();

impl Capturer {
    fn of_this_process() -> Arc<Self> {
        let process = std::process::id();
        let mut place = &FIRST;
        loop {
            let generation = place.get_or_init(|| {
                Box::new(Generation {
                    process,
                    capturer: Arc::default(),
                    next: OnceLock::new(),
                })
            });
            if generation.process == process {
                return Arc::clone(&generation.capturer);
            }
            place = &generation.next;
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(self: &Arc<Self>, job: Job) -> Result<(), CaptureError> {
        let mut queue = self.queue();
        if queue.jobs.len() >= WAITING {
            return Err(CaptureError::Busy);
        }
        if !queue.started {
            let capturer = Arc::clone(self);
            thread_names::spawn_named(Builder::new(), NAME, move || capturer.serve())
                .map_err(|error| CaptureError::System(Arc::new(error)))?;
            queue.started = true;
        }
        queue.jobs.push(job);
        self.arrived.notify_one();
        Ok(())
    }

    /// The thread's whole life.
    fn serve(&self) {
        Collector::shield_this_thread();
        let mut collector = None;
        loop {
            let idle = collector.as_ref().is_some_and(Collector::holds_tables);
            let jobs = self.next_jobs(idle.then_some(KEEP_TABLES));
            if jobs.is_empty() {
                collector.iter_mut().for_each(Collector::release);
                continue;
            }
            // A panic in a parser must cost one dump and not all that come after it.
            let result = catch_unwind(AssertUnwindSafe(|| take(&mut collector, &jobs)));
            let result = result.unwrap_or_else(|_| {
                collector = None;
                Err(CaptureError::Failed)
            });
            for Job {
                query,
                server,
                deliver,
            } in jobs
            {
                let result = result
                    .as_ref()
                    .map(|report| selected(report, &query, &server));
                let result = result.map_err(CaptureError::clone);
                let _ = catch_unwind(AssertUnwindSafe(|| deliver(result)));
            }
        }
    }

    /// All jobs that wait; none when nobody came within the time given.
    fn next_jobs(&self, patience: Option<Duration>) -> Vec<Job> {
        let queue = self.queue();
        let nothing = |queue: &mut Queue| queue.jobs.is_empty();
        let mut queue = match patience {
            None => self
                .arrived
                .wait_while(queue, nothing)
                .unwrap_or_else(PoisonError::into_inner),
            Some(patience) => {
                self.arrived
                    .wait_timeout_while(queue, patience, nothing)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
        };
        mem::take(&mut queue.jobs)
    }
}

fn take(collector: &mut Option<Collector>, jobs: &[Job]) -> Result<Report, CaptureError> {
    let system = |error| CaptureError::System(Arc::new(error));
    let collector = match collector {
        Some(collector) => collector,
        None => collector.insert(Collector::new().map_err(system)?),
    };
    for job in jobs {
        collector.hide_build_roots(&job.server.build_roots);
    }
    let wanted = |tid, name: &str| jobs.iter().any(|job| job.query.matches(tid, name));
    let frames = jobs
        .iter()
        .map(|job| job.query.frames)
        .max()
        .unwrap_or(MOST_FRAMES);
    collector
        .collect(&wanted, frames.clamp(1, MOST_FRAMES))
        .map_err(system)
}

/// One request's part of a dump that several share.
fn selected(report: &Report, query: &Query, server: &AskingServer) -> Report {
    let mut report = report.clone();
    report
        .threads
        .retain(|thread| query.matches(thread.facts.tid, &thread.facts.name));
    for thread in &mut report.threads {
        thread.facts.periodic = server.periodic.get(&thread.facts.name).cloned();
    }
    for stack in report
        .threads
        .iter_mut()
        .filter_map(|thread| thread.stack.as_mut().ok())
    {
        if stack.frames.len() > query.frames {
            stack.frames.truncate(query.frames);
            stack.cut = Some(Cut::Limit);
        }
    }
    report
}

/// Asks for a dump; `deliver` is called with it on the thread that takes them.
///
/// # Errors
/// [`CaptureError::Busy`] and [`CaptureError::System`], at once; `deliver` is dropped then.
pub(super) fn submit(
    query: Query,
    server: AskingServer,
    deliver: impl FnOnce(Result<Report, CaptureError>) + Send + 'static,
) -> Result<(), CaptureError> {
    Capturer::of_this_process().submit(Job {
        server,
        query,
        deliver: Box::new(deliver),
    })
}

/// Takes a dump of this process and waits for it: at most five seconds and what is queued before.
///
/// For an operator there is `GET /threads`; this is for a program that wants a dump of itself,
/// for example when it has noticed that it hangs.
///
/// # Errors
/// See [`CaptureError`].
///
/// # Examples
/// ```
/// use admin_endpoints::threads::{Layout, Query, capture};
///
/// let report = capture(Query::default())?;
/// let text = report.text(Layout::default());
/// assert!(text.ends_with(&format!("Total threads: {}", report.threads.len())));
/// # Ok::<(), admin_endpoints::threads::CaptureError>(())
/// ```
pub fn capture(query: Query) -> Result<Report, CaptureError> {
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    submit(query, AskingServer::default(), move |result| {
        // A receiver that is gone no longer wants it.
        let _ = sender.send(result);
    })?;
    receiver.recv().unwrap_or(Err(CaptureError::Failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Job {
            query: Query::default(),
            server: AskingServer::default(),
            deliver: Box::new(|_| {}),
        }
    }

    #[test]
    fn requests_that_wait_are_taken_together_and_no_more_than_may_wait() {
        let capturer = Arc::new(Capturer::default());
        capturer.queue().started = true; // there is no thread: the test takes the jobs itself
        for _ in 0..WAITING {
            assert!(capturer.submit(job()).is_ok());
        }
        assert!(matches!(capturer.submit(job()), Err(CaptureError::Busy)));
        assert_eq!(capturer.next_jobs(None).len(), WAITING);
        assert!(capturer.submit(job()).is_ok());
    }

    #[test]
    fn patience_ends_without_a_job() {
        assert!(
            Capturer::default()
                .next_jobs(Some(Duration::ZERO))
                .is_empty()
        );
    }

    #[test]
    fn tables_are_let_go_and_come_back() -> io::Result<()> {
        let mut collector = Collector::new()?;
        for _ in 0..2 {
            let report = collector.collect(&|_, _| true, MOST_FRAMES)?;
            assert!(report.threads.iter().any(|thread| thread.stack.is_ok()));
            assert!(collector.holds_tables());
            collector.release();
            assert!(!collector.holds_tables());
        }
        Ok(())
    }

    #[test]
    fn each_request_gets_its_own_part_of_a_shared_dump() {
        let everything = capture(Query::default()).unwrap();
        let own = everything
            .threads
            .iter()
            .find(|thread| thread.facts.name == NAME)
            .unwrap();
        let query = Query {
            thread_id: Some(own.facts.tid),
            frames: 1,
            name: None,
        };
        let part = selected(&everything, &query, &AskingServer::default());
        assert_eq!(part.threads.len(), 1);
        let stack = part.threads[0].stack.as_ref().unwrap();
        assert_eq!((stack.frames.len(), stack.cut), (1, Some(Cut::Limit)));
    }
}
