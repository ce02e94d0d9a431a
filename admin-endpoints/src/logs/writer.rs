//! The bytes of a stream: records and what is said between them.

use std::sync::Arc;

use serde_json::json;

use super::console;
use super::format::RecordFormat;
use super::json;
use super::limits::RECONNECTION_MILLIS;
use super::mask::RecordMask;
use crate::env::EnvConfig;
use crate::log_records::LogRecord;

/// Why a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StreamEnd {
    /// Its time is over.
    Seconds,
    /// It has as many records as were asked for.
    Limit,
    /// The server stops.
    Shutdown,
}

/// Writes a stream in one format.
#[derive(Debug)]
pub(super) struct RecordWriter {
    format: RecordFormat,
    mask: RecordMask,
    written: Vec<u8>,
    line: String,
}

impl RecordWriter {
    pub(super) fn new(format: RecordFormat, config: Arc<EnvConfig>) -> Self {
        Self {
            format,
            mask: RecordMask::new(config),
            written: Vec::new(),
            line: String::new(),
        }
    }

    /// What the stream begins with.
    pub(super) fn begin(&mut self) {
        if self.format == RecordFormat::EventStream {
            let hint = format!("retry: {RECONNECTION_MILLIS}\n\n");
            self.written.extend_from_slice(hint.as_bytes());
        }
    }

    pub(super) fn record(&mut self, record: &LogRecord) {
        match self.format {
            RecordFormat::Ndjson => json::write_record(&mut self.written, &mut self.mask, record),
            RecordFormat::EventStream => {
                let id = format!("id: {}\ndata: ", record.sequence);
                self.written.extend_from_slice(id.as_bytes());
                json::write_record(&mut self.written, &mut self.mask, record);
                self.written.push(b'\n');
            }
            RecordFormat::Text => {
                self.line.clear();
                console::write_record(&mut self.line, &mut self.mask, record);
                self.written.extend_from_slice(self.line.as_bytes());
            }
        }
        self.written.push(b'\n');
    }

    /// Records that the client was too slow for, in the place where they were.
    pub(super) fn dropped(&mut self, count: u64) {
        self.object(&json!({ "dropped": count }));
    }

    /// What keeps records out of the stream.
    pub(super) fn note(&mut self, note: &str) {
        self.object(&json!({ "note": note }));
    }

    pub(super) fn end(&mut self, end: StreamEnd) {
        let reason = match end {
            StreamEnd::Seconds => "seconds",
            StreamEnd::Limit => "limit",
            StreamEnd::Shutdown => "shutdown",
        };
        self.object(&json!({ "end": reason }));
    }

    /// Shows whether the client is still there.
    pub(super) fn filler(&mut self) {
        self.written.extend_from_slice(match self.format {
            RecordFormat::EventStream => b":\n\n",
            RecordFormat::Ndjson | RecordFormat::Text => b"\n",
        });
    }

    fn object(&mut self, object: &serde_json::Value) {
        let text = match self.format {
            RecordFormat::EventStream => format!("data: {object}\n\n"),
            RecordFormat::Ndjson | RecordFormat::Text => format!("{object}\n"),
        };
        self.written.extend_from_slice(text.as_bytes());
    }

    pub(super) fn len(&self) -> usize {
        self.written.len()
    }

    /// What was written since the last call.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let capacity = self.written.capacity();
        std::mem::replace(&mut self.written, Vec::with_capacity(capacity))
    }
}

#[cfg(test)]
mod tests;
