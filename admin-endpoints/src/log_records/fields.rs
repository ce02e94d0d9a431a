//! The fields of events and spans, as data.

use std::error::Error;
use std::{fmt, iter};

use tracing::field::{Field, Visit};

use super::captured_text::CapturedText;
use super::limits::{MAX_ERROR_SOURCES, MAX_MESSAGE_BYTES, MAX_VALUE_BYTES, MAX_VALUES_BYTES};

/// The field that is the message of an event.
const MESSAGE: &str = "message";

/// Fields that the bridge of `log` adds, which are the origin of the record.
const LOG_ORIGIN_PREFIX: &str = "log.";

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FieldValue {
    Signed(i64),
    Unsigned(u64),
    LongSigned(i128),
    LongUnsigned(u128),
    Float(f64),
    Bool(bool),
    /// A string, which the console shows in quotes.
    Text(CapturedText),
    /// What `Debug` or `Display` wrote.
    Formatted(CapturedText),
    /// What an error and the errors that caused it wrote, the cause of all last.
    Error(CapturedText, Vec<CapturedText>),
}

impl FieldValue {
    fn text_bytes(&self) -> usize {
        match self {
            Self::Text(text) | Self::Formatted(text) => text.text.len(),
            Self::Error(text, sources) => {
                let sources = sources.iter().map(|source| source.text.len());
                text.text.len() + sources.sum::<usize>()
            }
            _ => 0,
        }
    }
}

/// The fields of an event or of a span, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CapturedFields {
    pub(crate) message: Option<CapturedText>,
    pub(crate) values: Vec<(&'static str, FieldValue)>,
    /// Bytes of all texts but the message.
    text_bytes: usize,
}

impl CapturedFields {
    pub(super) fn with_capacity(fields: usize) -> Self {
        Self {
            values: Vec::with_capacity(fields),
            ..Self::default()
        }
    }

    /// Bytes that it takes, about.
    pub(super) fn size(&self) -> usize {
        let message = self.message.as_ref().map_or(0, |text| text.text.len());
        message + self.text_bytes + self.values.len() * size_of::<(&str, FieldValue)>()
    }

    fn insert(&mut self, field: &Field, value: FieldValue) {
        let name = field.name();
        let known = self.values.iter_mut().find(|(known, _)| *known == name);
        match known {
            Some((_, known)) => {
                self.text_bytes -= known.text_bytes();
                *known = value;
            }
            None => self.values.push((name, value)),
        }
    }

    fn text(&mut self, capture: impl FnOnce(usize) -> CapturedText) -> CapturedText {
        let captured = capture(MAX_VALUE_BYTES.min(MAX_VALUES_BYTES - self.text_bytes));
        self.text_bytes += captured.text.len();
        captured
    }
}

/// Reads the fields of an event.
pub(super) struct EventVisitor<'f> {
    pub(super) fields: &'f mut CapturedFields,
    pub(super) is_log_record: bool,
}

impl EventVisitor<'_> {
    fn insert(&mut self, field: &Field, value: FieldValue) {
        if !(self.is_log_record && field.name().starts_with(LOG_ORIGIN_PREFIX)) {
            self.fields.insert(field, value);
        }
    }
}

impl Visit for EventVisitor<'_> {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, FieldValue::Signed(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, FieldValue::Unsigned(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.insert(field, FieldValue::LongSigned(value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.insert(field, FieldValue::LongUnsigned(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, FieldValue::Float(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, FieldValue::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == MESSAGE {
            self.fields.message = Some(CapturedText::from_text(value, MAX_MESSAGE_BYTES));
            return;
        }
        let text = self.fields.text(|max| CapturedText::from_text(value, max));
        self.insert(field, FieldValue::Text(text));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let Some(source) = value.source().filter(|_| field.name() != MESSAGE) else {
            return self.record_debug(field, &format_args!("{value}"));
        };
        let fields = &mut *self.fields;
        let mut capture = |error: &dyn Error| {
            fields.text(|max| CapturedText::from_value(&format_args!("{error}"), max))
        };
        let text = capture(value);
        let sources = iter::successors(Some(source), |error| <dyn Error>::source(*error));
        let sources = sources.take(MAX_ERROR_SOURCES).map(&mut capture);
        let sources = sources.collect();
        self.insert(field, FieldValue::Error(text, sources));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == MESSAGE {
            self.fields.message = Some(CapturedText::from_value(value, MAX_MESSAGE_BYTES));
            return;
        }
        let text = self.fields.text(|max| CapturedText::from_value(value, max));
        self.insert(field, FieldValue::Formatted(text));
    }
}
