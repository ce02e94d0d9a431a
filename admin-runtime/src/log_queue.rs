//! Log events of the admin server, emitted on a thread of their own.
//!
//! A `tracing` subscriber writes in the thread that logs. While its output is blocked, by a full pipe
//! or by a thread that holds the lock of stderr, that thread is blocked too. Requests, periodic
//! threads and the stop of a server must not be, so they put their events into this queue. The
//! thread `admin-log` takes the events out in order and emits them to the subscriber and in the span
//! that were current in the thread that queued them.
//!
//! The queue holds 1024 events. Events that find it full, or no thread, are dropped: the counter
//! `admin_log_events_dropped_total` counts them, and the next event that is written reports them.
//!
//! ```
//! use admin_runtime::log_queue;
//! use std::time::Duration;
//!
//! let shard = 17;
//! log_queue::emit(move || tracing::info!(shard, "compacted")); // never waits
//! assert!(log_queue::flush(Duration::from_secs(10)), "the subscriber has it");
//! ```

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;

use tracing::{Dispatch, Span, dispatcher};

use crate::sync::lock;
use crate::thread_names::spawn_named;

const DROPPED_EVENTS: &str = "admin_log_events_dropped_total";

const THREAD_NAME: &str = "admin-log";

const MAX_QUEUED_EVENTS: usize = 1024;

/// How long the thread waits for an event while no server runs; then it ends.
const IDLE_TIME: Duration = Duration::from_secs(1);

static PROCESS_QUEUE: LogQueue = LogQueue::new(MAX_QUEUED_EVENTS);

/// Queues an event: `event` calls a macro of `tracing` with values that it owns.
///
/// It runs on the log thread, so the subscriber's time and thread are those of the writing. A panic
/// in it drops the event.
///
/// ```
/// use admin_runtime::log_queue;
/// use std::sync::mpsc::channel;
///
/// let (sender, receiver) = channel();
/// log_queue::emit(move || {
///     tracing::info!(blocks = 7, "evicted");
///     let _ = sender.send(std::thread::current().name().map(str::to_owned));
/// });
/// assert_eq!(receiver.recv()?.as_deref(), Some("admin-log"));
/// # Ok::<(), std::sync::mpsc::RecvError>(())
/// ```
pub fn emit(event: impl FnOnce() + Send + 'static) {
    EventScope::current().emit(event);
}

/// Waits until all events in the queue are written, at most for `timeout`; whether they are.
///
/// A program that mounts the server and ends after a write calls it last. A server that stops waits
/// by itself, up to half a second.
///
/// ```
/// use admin_runtime::log_queue;
/// use std::time::Duration;
///
/// log_queue::emit(|| tracing::warn!("the disk is nearly full"));
/// assert!(log_queue::flush(Duration::from_secs(10)));
/// ```
#[must_use = "false means that events are not written"]
pub fn flush(timeout: Duration) -> bool {
    PROCESS_QUEUE.flush(timeout)
}

/// Starts the thread, unless it runs, and keeps it until the value is dropped.
///
/// # Errors
///
/// If the system has no thread.
pub(crate) fn keep_thread() -> io::Result<KeptThread> {
    PROCESS_QUEUE.keep_thread()
}

/// Keeps the thread of a queue, even while it has no event.
pub(crate) struct KeptThread(&'static LogQueue);

impl Drop for KeptThread {
    fn drop(&mut self) {
        lock(&self.0.state).keepers -= 1;
        self.0.not_empty.notify_one();
    }
}

impl fmt::Debug for KeptThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeptThread")
    }
}

/// Adds the events that were dropped since the last call to the metric.
///
/// The drop itself cannot: a recorder may log while it holds its locks.
pub(crate) fn record_dropped() {
    let uncounted = &PROCESS_QUEUE.uncounted;
    if uncounted.load(Ordering::Relaxed) > 0 {
        metrics::counter!(DROPPED_EVENTS).increment(uncounted.swap(0, Ordering::Relaxed));
    }
}

/// Registers the HELP text, and the series with 0, so that a rate includes the first drop.
pub(crate) fn describe() {
    metrics::describe_counter!(
        DROPPED_EVENTS,
        "Log events of the admin server that were dropped because the log output was blocked"
    );
    metrics::counter!(DROPPED_EVENTS).increment(0);
}

/// The subscriber and the span of an event.
#[derive(Clone)]
pub(crate) struct EventScope {
    dispatch: Dispatch,
    span: Span,
}

impl EventScope {
    /// Those of the calling thread.
    pub(crate) fn current() -> Self {
        Self {
            dispatch: dispatcher::get_default(Dispatch::clone),
            span: Span::current(),
        }
    }

    /// Calls a function with this subscriber, such as one that asks whether a level is logged.
    pub(crate) fn with_subscriber<T>(&self, function: impl FnOnce() -> T) -> T {
        dispatcher::with_default(&self.dispatch, function)
    }

    /// As [`emit`], with this subscriber and span.
    pub(crate) fn emit(&self, event: impl FnOnce() + Send + 'static) {
        PROCESS_QUEUE.push(QueuedEvent {
            scope: self.clone(),
            event: Box::new(event),
        });
    }
}

struct QueuedEvent {
    scope: EventScope,
    event: Box<dyn FnOnce() + Send>,
}

impl QueuedEvent {
    /// Emits the event, after a report of the events that were dropped before it.
    fn write(self, dropped: u64) {
        let EventScope { dispatch, span } = self.scope;
        dispatcher::with_default(&dispatch, || {
            if dropped > 0 {
                tracing::warn!(
                    dropped,
                    "log events were dropped: the log output was blocked"
                );
            }
            span.in_scope(self.event);
        });
    }
}

struct LogQueue {
    capacity: usize,
    state: Mutex<QueueState>,
    /// Dropped and not yet in the metric.
    uncounted: AtomicU64,
    not_empty: Condvar,
    idle: Condvar,
}

struct QueueState {
    events: VecDeque<QueuedEvent>,
    has_thread: bool,
    /// Servers that run.
    keepers: usize,
    /// Whether the thread writes an event, which is no longer in the queue.
    is_writing: bool,
    /// Dropped since the last report.
    unreported: u64,
}

impl LogQueue {
    const fn new(capacity: usize) -> Self {
        Self {
            capacity,
            state: Mutex::new(QueueState {
                events: VecDeque::new(),
                has_thread: false,
                keepers: 0,
                is_writing: false,
                unreported: 0,
            }),
            uncounted: AtomicU64::new(0),
            not_empty: Condvar::new(),
            idle: Condvar::new(),
        }
    }

    fn push(&'static self, event: QueuedEvent) {
        let mut state = lock(&self.state);
        if state.events.len() >= self.capacity || self.start_thread(&mut state).is_err() {
            state.unreported += 1;
            self.uncounted.fetch_add(1, Ordering::Relaxed);
            return;
        }
        state.events.push_back(event);
        drop(state);
        self.not_empty.notify_one();
    }

    fn keep_thread(&'static self) -> io::Result<KeptThread> {
        let mut state = lock(&self.state);
        self.start_thread(&mut state)?;
        state.keepers += 1;
        Ok(KeptThread(self))
    }

    fn start_thread(&'static self, state: &mut QueueState) -> io::Result<()> {
        if !state.has_thread {
            spawn_named(Builder::new(), THREAD_NAME, || self.write_events(IDLE_TIME))?;
            state.has_thread = true;
        }
        Ok(())
    }

    /// The thread. It is never joined: its output may be blocked until the process ends.
    fn write_events(&self, idle_time: Duration) {
        while let Some((event, dropped)) = self.take(idle_time) {
            let written = catch_unwind(AssertUnwindSafe(|| event.write(dropped)));
            let mut state = lock(&self.state);
            state.is_writing = false;
            if written.is_err() {
                state.unreported += 1;
                self.uncounted.fetch_add(1, Ordering::Relaxed);
            }
            if state.events.is_empty() {
                self.idle.notify_all();
            }
        }
    }

    /// The next event, and how many were dropped since the last report; `None` if the thread has to
    /// end.
    fn take(&self, idle_time: Duration) -> Option<(QueuedEvent, u64)> {
        let mut state = lock(&self.state);
        loop {
            let is_kept = state.keepers > 0;
            let is_idle =
                |state: &mut QueueState| state.events.is_empty() && (state.keepers > 0) == is_kept;
            let timeout = if is_kept { Duration::MAX } else { idle_time };
            let (guard, waited) = self
                .not_empty
                .wait_timeout_while(state, timeout, is_idle)
                .unwrap_or_else(PoisonError::into_inner);
            state = guard;
            if let Some(event) = state.events.pop_front() {
                state.is_writing = true;
                return Some((event, std::mem::take(&mut state.unreported)));
            }
            if waited.timed_out() && !is_kept {
                state.has_thread = false;
                return None;
            }
        }
    }

    fn flush(&self, timeout: Duration) -> bool {
        let is_busy = |state: &mut QueueState| state.is_writing || !state.events.is_empty();
        let (mut state, _) = self
            .idle
            .wait_timeout_while(lock(&self.state), timeout, is_busy)
            .unwrap_or_else(PoisonError::into_inner);
        !is_busy(&mut state)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::{Sender, channel};

    use super::*;
    use crate::thread_names::current_tid;

    const EVENT_TIMEOUT: Duration = Duration::from_secs(60);

    fn leaked_queue(capacity: usize) -> &'static LogQueue {
        Box::leak(Box::new(LogQueue::new(capacity)))
    }

    fn push(queue: &'static LogQueue, event: impl FnOnce() + Send + 'static) {
        queue.push(QueuedEvent {
            scope: EventScope::current(),
            event: Box::new(event),
        });
    }

    /// Blocks the thread of a queue; returns when it is blocked. Dropping the sender unblocks it.
    fn block(queue: &'static LogQueue) -> Sender<()> {
        let (unblock, blocked) = channel::<()>();
        let (entered, wait_for_entry) = channel();
        push(queue, move || {
            entered.send(()).unwrap();
            let _ = blocked.recv();
        });
        wait_for_entry.recv_timeout(EVENT_TIMEOUT).unwrap();
        unblock
    }

    #[test]
    fn events_are_emitted_in_order() {
        let queue = leaked_queue(100);
        let order = Arc::new(Mutex::new(Vec::new()));
        let unblock = block(queue);
        for number in 0..100 {
            let order = Arc::clone(&order);
            push(queue, move || lock(&order).push(number));
        }
        drop(unblock);
        assert!(queue.flush(EVENT_TIMEOUT));
        assert_eq!(*lock(&order), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn a_full_queue_drops_without_waiting() {
        let queue = leaked_queue(2);
        let unblock = block(queue);
        let (emitted, received) = channel();
        for number in 0..5 {
            let emitted = emitted.clone();
            push(queue, move || emitted.send(number).unwrap());
        }
        assert_eq!(lock(&queue.state).unreported, 3);
        drop((unblock, emitted));
        assert_eq!(received.iter().collect::<Vec<_>>(), [0, 1]);
        assert!(queue.flush(EVENT_TIMEOUT));
        assert_eq!(
            lock(&queue.state).unreported,
            0,
            "the next event reports them"
        );
    }

    #[test]
    fn an_idle_thread_ends_and_starts_again() {
        let queue = leaked_queue(2);
        let emits = || {
            let (emitted, received) = channel();
            push(queue, move || emitted.send(current_tid()).unwrap());
            received.recv_timeout(EVENT_TIMEOUT).unwrap()
        };
        let ended = |queue: &LogQueue| {
            while lock(&queue.state).has_thread {
                std::thread::yield_now();
            }
        };
        let kept = queue.keep_thread().unwrap();
        assert_eq!(emits(), emits());
        drop(kept);
        ended(queue);
        assert!(emits().is_some());
        ended(queue);
    }

    #[test]
    fn a_flush_is_bounded() {
        let queue = leaked_queue(2);
        assert!(queue.flush(Duration::ZERO), "an empty queue is flushed");
        let unblock = block(queue);
        assert!(!queue.flush(Duration::from_millis(10)));
        drop(unblock);
        assert!(queue.flush(EVENT_TIMEOUT));
    }

    #[test]
    fn an_event_that_panics_is_dropped() {
        let queue = leaked_queue(2);
        push(queue, || panic!("expected"));
        assert!(queue.flush(EVENT_TIMEOUT));
        assert_eq!(lock(&queue.state).unreported, 1);
        let (emitted, received) = channel();
        push(queue, move || emitted.send(()).unwrap());
        assert_eq!(received.recv_timeout(EVENT_TIMEOUT), Ok(()));
    }
}
