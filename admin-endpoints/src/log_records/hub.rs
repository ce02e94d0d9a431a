//! Who wants which records, asked by every thread that logs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use admin_runtime::RequestId;
use admin_runtime::clock::Clock;
use arc_swap::ArcSwap;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata};

use super::buffer::RecordBuffer;
use super::capture::{self, SpanFields};
use super::history::RecordHistory;
use super::limits::MAX_SPANS;
use super::record::{LogRecord, RecordOrigin, RecordSpan};
use super::thread_label::current_thread_label;

/// Which records a client wants.
pub(crate) trait RecordFilter: std::fmt::Debug + Send + Sync {
    /// The most verbose level that it wants of a target.
    fn level(&self, target: &str) -> LevelFilter;

    /// The most verbose level that it wants of any target.
    fn most_verbose(&self) -> LevelFilter;
}

/// One client: its filter, and the records that it has not read.
#[derive(Debug)]
pub(crate) struct RecordReceiver {
    filter: Box<dyn RecordFilter>,
    pub(crate) buffer: RecordBuffer,
}

impl RecordReceiver {
    pub(crate) fn new(filter: impl RecordFilter + 'static) -> Self {
        Self {
            filter: Box::new(filter),
            buffer: RecordBuffer::default(),
        }
    }

    pub(crate) fn wants(&self, target: &str, level: Level) -> bool {
        level <= self.filter.level(target)
    }
}

/// The receivers and the history of one [`LogLevels`](crate::loglevel::LogLevels).
#[derive(Debug, Default)]
pub(crate) struct RecordHub {
    receivers: ArcSwap<Vec<Arc<RecordReceiver>>>,
    history: RecordHistory,
    sequence: AtomicU64,
    /// Dropped and not yet in the metric.
    uncounted: AtomicU64,
}

/// Calls a function with the spans around an event, innermost first.
pub(crate) type SpanVisitor<'a> = &'a dyn Fn(&mut dyn FnMut(&'static str, Option<&SpanFields>));

impl RecordHub {
    /// Whether a client wants an event; spans are only there if the levels enable them.
    pub(crate) fn wants(&self, metadata: &Metadata<'_>) -> bool {
        if metadata.is_span() {
            return false;
        }
        let receivers = self.receivers.load();
        let (target, level) = (metadata.target(), *metadata.level());
        receivers.iter().any(|one| one.wants(target, level))
    }

    /// The most verbose level that any client wants.
    pub(crate) fn most_verbose(&self) -> LevelFilter {
        let receivers = self.receivers.load();
        let levels = receivers.iter().map(|one| one.filter.most_verbose());
        levels.max().unwrap_or(LevelFilter::OFF)
    }

    /// Whether nobody takes records.
    pub(crate) fn is_idle(&self) -> bool {
        self.receivers.load().is_empty() && !self.history.is_on()
    }

    pub(crate) fn history(&self) -> &RecordHistory {
        &self.history
    }

    pub(crate) fn turn_history_on(&self) {
        self.history.turn_on();
    }

    pub(crate) fn add(&self, receiver: &Arc<RecordReceiver>) {
        self.receivers.rcu(|receivers| {
            let mut receivers = Vec::clone(receivers);
            receivers.push(Arc::clone(receiver));
            receivers
        });
    }

    pub(crate) fn remove(&self, receiver: &Arc<RecordReceiver>) {
        self.receivers.rcu(|receivers| {
            let mut receivers = Vec::clone(receivers);
            receivers.retain(|one| !Arc::ptr_eq(one, receiver));
            receivers
        });
    }

    /// Records dropped since the last call. The thread that drops one does not count it in the
    /// metric: a recorder may log while it holds its locks.
    pub(crate) fn take_dropped(&self) -> u64 {
        self.uncounted.swap(0, Ordering::Relaxed)
    }

    /// Passes an event to the clients that want it, and to the history if the levels enable it.
    pub(crate) fn receive(
        &self,
        event: &Event<'_>,
        metadata: &Metadata<'_>,
        is_log_record: bool,
        is_enabled: bool,
        visit_spans: SpanVisitor<'_>,
    ) {
        let (target, level) = (metadata.target(), *metadata.level());
        let is_kept = is_enabled && level <= Level::INFO && self.history.is_on();
        if capture::is_excluded() {
            return;
        }
        let receivers = self.receivers.load();
        let wanting = receivers.iter().filter(|one| one.wants(target, level));
        let mut wanting = wanting.filter(|one| !self.drop_if_full(one));
        let first = wanting.next();
        if first.is_none() && !is_kept {
            return;
        }
        let origin = if is_log_record {
            RecordOrigin::from_log_record(metadata)
        } else {
            RecordOrigin::Callsite(event.metadata())
        };
        let (spans, omitted_spans) = spans(visit_spans);
        let record = Arc::new(LogRecord {
            sequence: self.sequence.fetch_add(1, Ordering::Relaxed),
            time: Clock::system().wall(),
            level,
            origin,
            fields: capture::event_fields(event, is_log_record),
            spans,
            omitted_spans,
            request_id: RequestId::current(),
            thread: current_thread_label(),
        });
        let size = record.size();
        for receiver in first.into_iter().chain(wanting) {
            if !receiver.buffer.push(&record, size) {
                self.uncounted.fetch_add(1, Ordering::Relaxed);
            }
        }
        if is_kept {
            self.history.push(&record, size);
        }
    }

    /// Counts the event if a client has no room for its record.
    fn drop_if_full(&self, receiver: &RecordReceiver) -> bool {
        let dropped = receiver.buffer.drop_if_full();
        if dropped {
            self.uncounted.fetch_add(1, Ordering::Relaxed);
        }
        dropped
    }
}

/// The innermost spans, outermost first, and how many there are around them.
fn spans(visit_spans: SpanVisitor<'_>) -> (Vec<RecordSpan>, usize) {
    let mut spans = Vec::new();
    let mut omitted = 0;
    visit_spans(&mut |name, fields| {
        if spans.len() < MAX_SPANS {
            let fields = fields.map(SpanFields::shared);
            spans.push(RecordSpan { name, fields });
        } else {
            omitted += 1;
        }
    });
    spans.reverse();
    (spans, omitted)
}
