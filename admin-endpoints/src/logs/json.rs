//! A record as one JSON object.

use std::io::Write;

use admin_runtime::RequestId;
use humantime::format_rfc3339_micros;
use serde::Serialize;

use super::mask::RecordMask;
use crate::log_records::{CapturedFields, FieldValue, LogRecord};
use crate::rfc3339;
use crate::source_path::shortened;

/// The field with the id of a request.
const REQUEST_ID: &str = "request_id";

/// What is shown of a number that is a secret.
const MASKED_NUMBER: &str = "******";

/// Writes a record, without a line end.
pub(super) fn write_record(out: &mut Vec<u8>, mask: &mut RecordMask, record: &LogRecord) {
    let time = rfc3339::nearest(record.time);
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
    write_fields(out, mask, &record.fields, record.request_id.as_ref());
    push(out, format_args!(",\"spans\":["));
    if record.omitted_spans > 0 {
        let omitted = record.omitted_spans;
        push(
            out,
            format_args!("{{\"name\":\"... ({omitted} more)\",\"fields\":{{}}}}"),
        );
    }
    for (at, span) in record.spans.iter().enumerate() {
        let is_first = at == 0 && record.omitted_spans == 0;
        push(
            out,
            format_args!("{}{{\"name\":", if is_first { "" } else { "," }),
        );
        write_value(out, span.name);
        push(out, format_args!(",\"fields\":"));
        match &span.fields {
            Some(fields) => write_fields(out, mask, fields, None),
            None => push(out, format_args!("{{}}")),
        }
        push(out, format_args!("}}"));
    }
    push(out, format_args!("],\"thread\":"));
    write_value(out, &record.thread.as_deref());
    push(out, format_args!(",\"file\":"));
    write_value(out, &record.origin.file().map(|file| shortened(file, &[])));
    push(out, format_args!(",\"line\":"));
    write_value(out, &record.origin.line());
    out.push(b'}');
}

/// The fields, and the id of the request unless one of them has its name.
fn write_fields(
    out: &mut Vec<u8>,
    mask: &mut RecordMask,
    fields: &CapturedFields,
    request_id: Option<&RequestId>,
) {
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
            FieldValue::Bool(_)
                | FieldValue::Text(_)
                | FieldValue::Formatted(_)
                | FieldValue::Error(..)
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
            FieldValue::Error(text, sources) => {
                write_value(out, &mask.text(shown, text));
                out.push(b',');
                write_value(out, &format!("{shown}.sources"));
                push(out, format_args!(":["));
                for (at, source) in sources.iter().enumerate() {
                    push(out, format_args!("{}", if at == 0 { "" } else { "," }));
                    write_value(out, &mask.text(shown, source));
                }
                out.push(b']');
            }
        }
    }
    if let Some(id) = request_id
        && fields.values.iter().all(|(name, _)| *name != REQUEST_ID)
    {
        let separator = if fields.values.is_empty() { "" } else { "," };
        push(out, format_args!("{separator}\"{REQUEST_ID}\":\"{id}\""));
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
