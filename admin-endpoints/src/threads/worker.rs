//! The thread that takes dumps.
//!
//! The first request starts it. Requests that arrive during a dump wait for the next one and share
//! it. All servers of a process share the thread, because the signal handler and the symbols
//! belong to the process.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Builder;
use std::time::Duration;

use admin_runtime::thread_names;

use super::capture::Collector;
use super::config::DumpSettings;
use super::dump_context::DumpContext;
use super::error::{CaptureError, MAX_WAITING_REQUESTS};
use super::query::{MAX_FRAMES, Query};
use super::report::{Report, Truncation};
use crate::sync::lock;

const THREAD_NAME: &str = "admin-thread-dump";

type Deliver = Box<dyn FnOnce(Result<Report, CaptureError>) + Send>;

struct DumpRequest {
    query: Query,
    context: DumpContext,
    deliver: Deliver,
}

#[derive(Default)]
struct RequestQueue {
    waiting: Vec<DumpRequest>,
    is_thread_started: bool,
}

#[derive(Default)]
struct DumpWorker {
    queue: Mutex<RequestQueue>,
    request_added: Condvar,
}

/// The worker of one process. A forked child inherits the memory of its parent's worker, but not
/// its thread, and perhaps a locked queue: it appends a worker of its own.
struct ProcessWorker {
    process_id: u32,
    worker: Arc<DumpWorker>,
    next: OnceLock<Box<ProcessWorker>>,
}

static FIRST_WORKER: OnceLock<Box<ProcessWorker>> = OnceLock::new();

impl DumpWorker {
    fn for_this_process() -> Arc<Self> {
        let process_id = process::id();
        let mut next = &FIRST_WORKER;
        loop {
            let candidate = next.get_or_init(|| {
                Box::new(ProcessWorker {
                    process_id,
                    worker: Arc::default(),
                    next: OnceLock::new(),
                })
            });
            if candidate.process_id == process_id {
                return Arc::clone(&candidate.worker);
            }
            next = &candidate.next;
        }
    }

    fn lock_queue(&self) -> MutexGuard<'_, RequestQueue> {
        lock(&self.queue)
    }

    fn submit(self: &Arc<Self>, request: DumpRequest) -> Result<(), CaptureError> {
        let mut queue = self.lock_queue();
        if queue.waiting.len() >= MAX_WAITING_REQUESTS {
            return Err(CaptureError::QueueFull);
        }
        if !queue.is_thread_started {
            let worker = Arc::clone(self);
            thread_names::spawn_named(Builder::new(), THREAD_NAME, move || worker.run())
                .map_err(|error| CaptureError::ThreadNotStarted(Arc::new(error)))?;
            queue.is_thread_started = true;
        }
        queue.waiting.push(request);
        self.request_added.notify_one();
        Ok(())
    }

    /// The body of the thread.
    fn run(&self) {
        Collector::block_application_signals();
        let mut collector = None;
        let mut release_after = None;
        loop {
            let requests = self.take_requests(release_after);
            if requests.is_empty() {
                collector.iter_mut().for_each(Collector::release);
                release_after = None;
                continue;
            }
            let lifetimes = requests
                .iter()
                .map(|request| request.context.config.symbol_lifetime);
            release_after = lifetimes.max();
            // A panic, for example in a parser, must not prevent later dumps.
            let result = catch_unwind(AssertUnwindSafe(|| take_dump(&mut collector, &requests)))
                .unwrap_or_else(|_| {
                    collector = None;
                    Err(CaptureError::Internal)
                });
            for request in requests {
                let result = match &result {
                    Ok(report) => Ok(select(report, &request.query, &request.context)),
                    Err(error) => Err(error.clone()),
                };
                let _ = catch_unwind(AssertUnwindSafe(|| (request.deliver)(result)));
            }
        }
    }

    /// Waits for requests and takes all of them; none if the timeout expires first.
    fn take_requests(&self, timeout: Option<Duration>) -> Vec<DumpRequest> {
        let queue = self.lock_queue();
        let is_idle = |queue: &mut RequestQueue| queue.waiting.is_empty();
        let mut queue = match timeout {
            None => self
                .request_added
                .wait_while(queue, is_idle)
                .unwrap_or_else(PoisonError::into_inner),
            Some(timeout) => {
                self.request_added
                    .wait_timeout_while(queue, timeout, is_idle)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
        };
        mem::take(&mut queue.waiting)
    }
}

/// Takes one dump for all requests.
fn take_dump(
    collector: &mut Option<Collector>,
    requests: &[DumpRequest],
) -> Result<Report, CaptureError> {
    let collector = match collector {
        Some(collector) => collector,
        None => collector.insert(Collector::new()?),
    };
    for request in requests {
        collector.hide_build_roots(&request.context.build_roots);
    }
    let is_wanted = |tid, name: &str| {
        requests
            .iter()
            .any(|request| request.query.matches(tid, name))
    };
    let max_frames = requests
        .iter()
        .map(|request| request.query.max_frames)
        .max();
    let max_symbol_bytes = requests
        .iter()
        .map(|request| request.context.config.max_symbol_bytes)
        .max();
    let settings = DumpSettings {
        max_frames: max_frames.unwrap_or(MAX_FRAMES).clamp(1, MAX_FRAMES),
        max_symbol_bytes: max_symbol_bytes.unwrap_or(0),
    };
    collector.collect(&is_wanted, settings)
}

/// The part of a shared dump that one request asked for.
fn select(report: &Report, query: &Query, context: &DumpContext) -> Report {
    let mut selected = Report {
        threads: report
            .threads
            .iter()
            .filter(|thread| query.matches(thread.info.tid, &thread.info.name))
            .cloned()
            .collect(),
        notes: report.notes.clone(),
    };
    for thread in &mut selected.threads {
        thread.info.periodic = context.periodic.get(&thread.info.name).cloned();
        if let Ok(stack) = &mut thread.stack
            && stack.frames.len() > query.max_frames.max(1)
        {
            stack.frames.truncate(query.max_frames.max(1));
            stack.truncation = Some(Truncation::FrameLimit);
        }
    }
    selected
}

/// Requests a dump. `deliver` is called with it on the thread that takes dumps.
///
/// # Errors
///
/// [`CaptureError::QueueFull`] and [`CaptureError::ThreadNotStarted`]; `deliver` is dropped then.
pub(super) fn submit(
    query: Query,
    context: DumpContext,
    deliver: impl FnOnce(Result<Report, CaptureError>) + Send + 'static,
) -> Result<(), CaptureError> {
    DumpWorker::for_this_process().submit(DumpRequest {
        query,
        context,
        deliver: Box::new(deliver),
    })
}

/// Takes a dump of this process and waits for it: up to five seconds, and longer if other
/// requests are waiting.
///
/// Operators use `GET /threads`. This function is for a program that needs a dump of itself, for
/// example because a watchdog has found that it hangs.
///
/// # Errors
///
/// See [`CaptureError`].
///
/// # Examples
///
/// ```
/// use admin_endpoints::threads::{Layout, Query, capture};
///
/// let report = capture(Query::default())?;
/// let text = report.text(Layout::default());
/// assert!(text.ends_with(&format!("Total threads: {}", report.threads.len())));
/// # Ok::<(), admin_endpoints::threads::CaptureError>(())
/// ```
pub fn capture(query: Query) -> Result<Report, CaptureError> {
    let (sender, receiver) = mpsc::sync_channel(1);
    submit(query, DumpContext::default(), move |result| {
        let _ = sender.send(result);
    })?;
    receiver.recv().unwrap_or(Err(CaptureError::Internal))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> DumpRequest {
        DumpRequest {
            query: Query::default(),
            context: DumpContext::default(),
            deliver: Box::new(|_| {}),
        }
    }

    #[test]
    fn waiting_requests_are_limited_and_taken_together() {
        let worker = Arc::new(DumpWorker::default());
        worker.lock_queue().is_thread_started = true; // the test takes the requests itself
        for _ in 0..MAX_WAITING_REQUESTS {
            assert!(worker.submit(request()).is_ok());
        }
        assert!(matches!(
            worker.submit(request()),
            Err(CaptureError::QueueFull)
        ));
        assert_eq!(worker.take_requests(None).len(), MAX_WAITING_REQUESTS);
        assert!(worker.submit(request()).is_ok());
    }

    #[test]
    fn waiting_ends_at_the_timeout() {
        let worker = DumpWorker::default();
        assert!(worker.take_requests(Some(Duration::ZERO)).is_empty());
    }

    #[test]
    fn dumps_work_after_a_release() -> Result<(), CaptureError> {
        let mut collector = Collector::new()?;
        for _ in 0..2 {
            let settings = DumpSettings {
                max_frames: MAX_FRAMES,
                max_symbol_bytes: 1 << 20,
            };
            let report = collector.collect(&|_, _| true, settings)?;
            assert!(report.threads.iter().any(|thread| thread.stack.is_ok()));
            collector.release();
        }
        Ok(())
    }

    #[test]
    fn shared_dumps_are_filtered_for_each_request() {
        let report = capture(Query::default()).unwrap();
        let dump_thread = report
            .threads
            .iter()
            .find(|thread| thread.info.name == THREAD_NAME)
            .unwrap();
        let query = Query::default()
            .with_thread_id(dump_thread.info.tid)
            .with_max_frames(1);
        let part = select(&report, &query, &DumpContext::default());
        assert_eq!(part.threads.len(), 1);
        let stack = part.threads[0].stack.as_ref().unwrap();
        assert_eq!(stack.frames.len(), 1);
        assert_eq!(stack.truncation, Some(Truncation::FrameLimit));
    }
}
