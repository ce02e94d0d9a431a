//! The thread that takes dumps.
//!
//! It starts with the first server and ends with the last. Without a server, as for [`capture`], the
//! first request starts it, and it ends when it has released what it kept for the next dump.
//! Requests that arrive during a dump wait for the next one and share it. All servers of a process
//! share the thread, because the signal handler and the symbols belong to the process.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use admin_runtime::describe::ResourceContext;

use super::capture::Collector;
use super::config::DumpSettings;
use super::dump_context::DumpContext;
use super::error::{CaptureError, MAX_WAITING_REQUESTS};
use super::query::{MAX_FRAMES, Query};
use super::report::Report;
use crate::background::BackgroundThread;
use crate::frames::Truncation;
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
    thread: Option<BackgroundThread>,
    /// The number of `thread`: those with another number end.
    thread_number: u64,
    /// Servers that keep the thread while it has nothing to do.
    keepers: usize,
}

/// Keeps the thread, even while no dump is requested.
pub(super) struct KeptDumpThread(Arc<DumpWorker>);

/// What the thread does next.
enum Next {
    Dump(Vec<DumpRequest>),
    /// Nothing was requested for some time.
    Release,
    End,
}

#[derive(Default)]
struct DumpWorker {
    queue: Mutex<RequestQueue>,
    changed: Condvar,
    /// Held during a dump: a thread that ends may still take one.
    dumping: Mutex<()>,
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
        self.start_thread(&mut queue)?;
        queue.waiting.push(request);
        self.changed.notify_all();
        Ok(())
    }

    fn start_thread(self: &Arc<Self>, queue: &mut RequestQueue) -> Result<(), CaptureError> {
        if queue.thread.is_none() {
            let (worker, number) = (Arc::clone(self), queue.thread_number + 1);
            let thread = BackgroundThread::spawn(THREAD_NAME, move || worker.run(number))
                .map_err(|error| CaptureError::ThreadNotStarted(Arc::new(error)))?;
            queue.thread = Some(thread);
            queue.thread_number = number;
        }
        Ok(())
    }

    fn keep_thread(self: Arc<Self>) -> Result<KeptDumpThread, CaptureError> {
        let mut queue = self.lock_queue();
        self.start_thread(&mut queue)?;
        queue.keepers += 1;
        drop(queue);
        Ok(KeptDumpThread(self))
    }

    /// The body of the thread.
    fn run(&self, number: u64) {
        Collector::block_application_signals();
        let mut collector = None;
        let mut release_after = None;
        loop {
            let requests = match self.next(number, release_after) {
                Next::Dump(requests) => requests,
                Next::Release => {
                    collector.iter_mut().for_each(Collector::release);
                    release_after = None;
                    continue;
                }
                Next::End => break,
            };
            let lifetimes = requests
                .iter()
                .map(|request| request.context.config.symbol_lifetime);
            release_after = lifetimes.max();
            // A panic, for example in a parser, must not prevent later dumps.
            let dumping = lock(&self.dumping);
            let result = catch_unwind(AssertUnwindSafe(|| take_dump(&mut collector, &requests)))
                .unwrap_or_else(|_| {
                    collector = None;
                    Err(CaptureError::Internal)
                });
            drop(dumping);
            for request in requests {
                let result = match &result {
                    Ok(report) => Ok(select(report, &request.query, &request.context)),
                    Err(error) => Err(error.clone()),
                };
                let _ = catch_unwind(AssertUnwindSafe(|| (request.deliver)(result)));
            }
        }
        if let Some(mut collector) = collector {
            collector.release();
        }
    }

    /// Waits for requests and takes all of them. `release_after` is how long what a dump needs is
    /// kept, if it is there.
    fn next(&self, number: u64, release_after: Option<Duration>) -> Next {
        let mut queue = self.lock_queue();
        loop {
            if queue.thread_number != number {
                return Next::End;
            }
            if !queue.waiting.is_empty() {
                return Next::Dump(mem::take(&mut queue.waiting));
            }
            let is_kept = queue.keepers > 0;
            if !is_kept && release_after.is_none() {
                queue.thread = None; // in the same step, so that the next request starts another
                return Next::End;
            }
            let is_unchanged = |queue: &mut RequestQueue| {
                queue.thread_number == number
                    && queue.waiting.is_empty()
                    && (queue.keepers > 0) == is_kept
            };
            let timeout = release_after.unwrap_or(Duration::MAX);
            let (guard, waited) = self
                .changed
                .wait_timeout_while(queue, timeout, is_unchanged)
                .unwrap_or_else(PoisonError::into_inner);
            queue = guard;
            if waited.timed_out() && release_after.is_some() {
                return Next::Release;
            }
        }
    }
}

impl Drop for KeptDumpThread {
    fn drop(&mut self) {
        let mut queue = self.0.lock_queue();
        queue.keepers -= 1;
        let mut ending = None;
        if queue.keepers == 0 && queue.waiting.is_empty() {
            ending = queue.thread.take();
            queue.thread_number += 1;
        }
        drop(queue);
        self.0.changed.notify_all();
        if let Some(thread) = ending {
            thread.join();
        }
    }
}

/// The resource of the route.
pub(super) fn keep_thread(_: &ResourceContext<'_>) -> Result<KeptDumpThread, CaptureError> {
    DumpWorker::for_this_process().keep_thread()
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
pub(crate) fn submit(
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
/// let text = report.to_text(Layout::default());
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

    /// A worker whose thread is the test itself.
    fn worker_without_thread() -> Arc<DumpWorker> {
        let worker = Arc::new(DumpWorker::default());
        let mut queue = worker.lock_queue();
        queue.thread = Some(BackgroundThread::spawn("unused", || {}).unwrap());
        queue.keepers = 1;
        drop(queue);
        worker
    }

    #[test]
    fn waiting_requests_are_limited_and_taken_together() {
        let worker = worker_without_thread();
        for _ in 0..MAX_WAITING_REQUESTS {
            assert!(worker.submit(request()).is_ok());
        }
        assert!(matches!(
            worker.submit(request()),
            Err(CaptureError::QueueFull)
        ));
        let Next::Dump(requests) = worker.next(0, None) else {
            panic!("there are requests");
        };
        assert_eq!(requests.len(), MAX_WAITING_REQUESTS);
        assert!(worker.submit(request()).is_ok());
    }

    #[test]
    fn waiting_ends_at_the_timeout() {
        let worker = worker_without_thread();
        assert!(matches!(
            worker.next(0, Some(Duration::ZERO)),
            Next::Release
        ));
    }

    #[test]
    fn the_thread_ends_without_server_and_request() {
        let worker = worker_without_thread();
        worker.lock_queue().keepers = 0;
        assert!(matches!(
            worker.next(0, Some(Duration::ZERO)),
            Next::Release
        ));
        assert!(matches!(worker.next(0, None), Next::End));
        assert!(worker.lock_queue().thread.is_none());
    }

    #[test]
    fn the_last_server_ends_the_thread() {
        let worker = Arc::new(DumpWorker::default());
        let [first, second] = [(); 2].map(|()| Arc::clone(&worker).keep_thread().unwrap());
        drop(first);
        assert!(worker.lock_queue().thread.is_some());
        drop(second);
        assert!(worker.lock_queue().thread.is_none());
        assert_eq!(Arc::strong_count(&worker), 1, "the thread has ended");
        assert!(worker.submit(request()).is_ok(), "another one starts");
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
