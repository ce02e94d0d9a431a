//! Turns events and spans of `tracing` into data, in the thread that logs.

use std::cell::Cell;
use std::sync::Arc;

use tracing::span::{Attributes, Record};
use tracing::{Event, Metadata};
use tracing_log::NormalizeEvent;

use super::fields::{CapturedFields, EventVisitor};

thread_local! {
    /// Whether this thread formats the values of an event for its record.
    static IS_CAPTURING: Cell<bool> = const { Cell::new(false) };
    /// Whether the events of this thread are in no record.
    static IS_EXCLUDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether an event is logged by a value that is formatted for a record only: no layer must see it.
pub(crate) fn is_capturing() -> bool {
    IS_CAPTURING.get()
}

/// Leaves the events of the current thread out of all records, because it sends them.
pub(crate) fn exclude_current_thread() {
    IS_EXCLUDED.set(true);
}

pub(super) fn is_excluded() -> bool {
    IS_EXCLUDED.get()
}

/// Resets [`IS_CAPTURING`].
struct Capturing;

impl Capturing {
    fn start() -> Self {
        IS_CAPTURING.set(true);
        Self
    }
}

impl Drop for Capturing {
    fn drop(&mut self) {
        IS_CAPTURING.set(false);
    }
}

/// The metadata of an event; of one that was a record of `log` as `log` has it.
pub(crate) fn with_metadata<T>(
    event: &Event<'_>,
    each: impl FnOnce(&Metadata<'_>, bool) -> T,
) -> T {
    match event.normalized_metadata() {
        Some(metadata) => each(&metadata, true),
        None => each(event.metadata(), false),
    }
}

pub(super) fn event_fields(event: &Event<'_>, is_log_record: bool) -> CapturedFields {
    let count = event.metadata().fields().len();
    let mut fields = CapturedFields::with_capacity(count.saturating_sub(1));
    let _capturing = Capturing::start();
    event.record(&mut EventVisitor {
        fields: &mut fields,
        is_log_record,
    });
    fields
}

/// The fields of a span, which the registry keeps beside it.
#[derive(Debug)]
pub(crate) struct SpanFields(Arc<CapturedFields>);

impl SpanFields {
    /// `None` if the span has no fields.
    pub(crate) fn from_attributes(attributes: &Attributes<'_>) -> Option<Self> {
        let count = attributes.metadata().fields().len();
        if count == 0 {
            return None;
        }
        let mut fields = CapturedFields::with_capacity(count);
        let _capturing = Capturing::start();
        attributes.record(&mut EventVisitor {
            fields: &mut fields,
            is_log_record: false,
        });
        Some(Self(Arc::new(fields)))
    }

    /// Adds values that are set later. Records that were made before keep what they have.
    pub(crate) fn record(&mut self, values: &Record<'_>) {
        let _capturing = Capturing::start();
        values.record(&mut EventVisitor {
            fields: Arc::make_mut(&mut self.0),
            is_log_record: false,
        });
    }

    pub(super) fn shared(&self) -> Arc<CapturedFields> {
        Arc::clone(&self.0)
    }
}
