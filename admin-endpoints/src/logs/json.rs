//! A record as one JSON object.

use std::io::Write;

use humantime::format_rfc3339_micros;
use serde::Serialize;

use super::mask::RecordMask;
use crate::log_records::{CapturedFields, FieldValue, LogRecord};

/// What is shown of a number that is a secret.
const MASKED_NUMBER: &str = "******";

/// Writes a record, without a line end.
pub(super) fn write_record(out: &mut Vec<u8>, mask: &mut RecordMask, record: &LogRecord) {
    let time = record.time.max(std::time::UNIX_EPOCH);
    push(
        out,
        format_args!("{{\"time\":\"{}\"", format_rfc3339_micros(time)),
    );
    push(
        out,
        format_args!(",\"level\":\"{}\",\"target\":", record.level),
    );
    write_value(out, record.origin.target());
    push(out, format_args!(",\"message\":"));
    match &record.fields.message {
        Some(message) => write_value(out, &mask.text("", message)),
        None => push(out, format_args!("\"\"")),
    }
    push(out, format_args!(",\"fields\":"));
    write_fields(out, mask, &record.fields);
    push(out, format_args!(",\"spans\":["));
    for (at, span) in record.spans.iter().enumerate() {
        push(
            out,
            format_args!("{}{{\"name\":", if at == 0 { "" } else { "," }),
        );
        write_value(out, span.name);
        push(out, format_args!(",\"fields\":"));
        match &span.fields {
            Some(fields) => write_fields(out, mask, fields),
            None => push(out, format_args!("{{}}")),
        }
        push(out, format_args!("}}"));
    }
    push(out, format_args!("],\"thread\":"));
    write_value(out, &record.thread.as_deref());
    push(out, format_args!(",\"file\":"));
    write_value(out, &record.origin.file());
    push(out, format_args!(",\"line\":"));
    write_value(out, &record.origin.line());
    out.push(b'}');
}

fn write_fields(out: &mut Vec<u8>, mask: &mut RecordMask, fields: &CapturedFields) {
    out.push(b'{');
    for (at, (name, value)) in fields.values.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        let shown = name.strip_prefix("r#").unwrap_or(name);
        write_value(out, shown);
        out.push(b':');
        let is_number = !matches!(
            value,
            FieldValue::Bool(_) | FieldValue::Text(_) | FieldValue::Formatted(_)
        );
        if is_number && mask.hides_numbers(shown) {
            write_value(out, MASKED_NUMBER);
            continue;
        }
        match value {
            FieldValue::Signed(number) => push(out, format_args!("{number}")),
            FieldValue::Unsigned(number) => push(out, format_args!("{number}")),
            FieldValue::LongSigned(number) => push(out, format_args!("{number}")),
            FieldValue::LongUnsigned(number) => push(out, format_args!("{number}")),
            FieldValue::Float(number) if number.is_finite() => write_value(out, number),
            FieldValue::Float(number) => write_value(out, &number.to_string()),
            FieldValue::Bool(value) => push(out, format_args!("{value}")),
            FieldValue::Text(text) | FieldValue::Formatted(text) => {
                write_value(out, &mask.text(shown, text));
            }
        }
    }
    out.push(b'}');
}

fn push(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // A vector accepts every byte.
    let _ = out.write_fmt(text);
}

fn write_value(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    // Strings, numbers and null have no error.
    let _ = serde_json::to_writer(out, value);
}
