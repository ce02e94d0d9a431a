//! One log event as data.

use std::sync::Arc;
use std::time::SystemTime;

use admin_runtime::RequestId;
use tracing::{Level, Metadata};

use super::captured_text::CapturedText;
use super::fields::CapturedFields;
use super::limits::MAX_ORIGIN_BYTES;

/// Where an event comes from.
#[derive(Clone, Debug)]
pub(crate) enum RecordOrigin {
    /// A callsite of `tracing`.
    Callsite(&'static Metadata<'static>),
    /// A record of `log`.
    LogRecord(Box<LogOrigin>),
}

/// What a record of `log` says about its place.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogOrigin {
    target: String,
    file: Option<String>,
    line: Option<u32>,
}

impl RecordOrigin {
    /// That of a record of `log`.
    pub(super) fn from_log_record(metadata: &Metadata<'_>) -> Self {
        let text = |text| {
            let mut captured = CapturedText::from_text(text, MAX_ORIGIN_BYTES);
            captured.text.push_str(captured.end.mark());
            captured.text
        };
        Self::LogRecord(Box::new(LogOrigin {
            target: text(metadata.target()),
            file: metadata.file().map(text),
            line: metadata.line(),
        }))
    }

    pub(crate) fn target(&self) -> &str {
        match self {
            Self::Callsite(metadata) => metadata.target(),
            Self::LogRecord(origin) => &origin.target,
        }
    }

    pub(crate) fn file(&self) -> Option<&str> {
        match self {
            Self::Callsite(metadata) => metadata.file(),
            Self::LogRecord(origin) => origin.file.as_deref(),
        }
    }

    pub(crate) fn line(&self) -> Option<u32> {
        match self {
            Self::Callsite(metadata) => metadata.line(),
            Self::LogRecord(origin) => origin.line,
        }
    }
}

/// A span around an event.
#[derive(Clone, Debug)]
pub(crate) struct RecordSpan {
    pub(crate) name: &'static str,
    /// `None` if it has no fields.
    pub(crate) fields: Option<Arc<CapturedFields>>,
}

/// One log event.
#[derive(Clone, Debug)]
pub(crate) struct LogRecord {
    /// The number of the record in this process; later records have higher ones.
    pub(crate) sequence: u64,
    pub(crate) time: SystemTime,
    pub(crate) level: Level,
    pub(crate) origin: RecordOrigin,
    pub(crate) fields: CapturedFields,
    /// Outermost first.
    pub(crate) spans: Vec<RecordSpan>,
    /// Spans around them that are not kept.
    pub(crate) omitted_spans: usize,
    /// That of the request whose handler logged it.
    pub(crate) request_id: Option<RequestId>,
    pub(crate) thread: Option<Arc<str>>,
}

impl LogRecord {
    /// Bytes that it takes in a buffer, about; the fields of spans count for each record.
    pub(super) fn size(&self) -> usize {
        let spans = self.spans.iter().map(|span| {
            let fields = span.fields.as_ref().map_or(0, |fields| fields.size());
            size_of::<RecordSpan>() + fields
        });
        size_of::<Self>() + self.fields.size() + spans.sum::<usize>()
    }
}
