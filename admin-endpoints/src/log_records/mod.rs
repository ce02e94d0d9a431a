//! Log events as data, and who wants them: what `/logs` streams.
//!
//! The filter of the levels passes events here, in the thread that logs. It appends a record to the
//! buffer of each client that wants it, or drops it if that is full; it never waits for a reader.

#![cfg_attr(
    not(feature = "logs"),
    allow(dead_code, unused_imports, reason = "without the route nobody reads")
)]

mod limits;

mod captured_text;

mod fields;

mod record;

mod thread_label;

mod capture;

mod buffer;
mod history;

mod hub;

pub(crate) use self::buffer::{BufferEntry, Taken};
pub(crate) use self::capture::{SpanFields, exclude_current_thread, is_capturing, with_metadata};
pub(crate) use self::captured_text::{CapturedText, TextEnd};
pub(crate) use self::fields::{CapturedFields, FieldValue};
pub(crate) use self::hub::{RecordFilter, RecordHub, RecordReceiver};
pub(crate) use self::limits::MAX_KEPT_RECORDS;
pub(crate) use self::record::LogRecord;
