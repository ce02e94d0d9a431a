//! Limits of what is kept of a log event.

/// Bytes of a message; the rest is cut.
pub(super) const MAX_MESSAGE_BYTES: usize = 16 * 1024;

/// Bytes of the value of a field.
pub(super) const MAX_VALUE_BYTES: usize = 4 * 1024;

/// Bytes of all values of one event, or of one span.
pub(super) const MAX_VALUES_BYTES: usize = 32 * 1024;

/// Bytes of the target and the file of a record of `log`, which can be any text.
pub(super) const MAX_ORIGIN_BYTES: usize = 512;

/// Causes of one error; an error may name itself as its cause.
pub(super) const MAX_ERROR_SOURCES: usize = 16;

/// Spans of a record; of more the innermost are kept.
pub(super) const MAX_SPANS: usize = 32;

/// Bytes of the records in one buffer.
pub(super) const MAX_BUFFER_BYTES: usize = 1024 * 1024;

/// Records in the history.
pub(crate) const MAX_KEPT_RECORDS: usize = 1000;
