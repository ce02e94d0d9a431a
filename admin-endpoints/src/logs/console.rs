//! A record as one line, as the console has it.

use std::fmt::{self, Display, Write};

use admin_runtime::text::excerpt;
use humantime::format_rfc3339_micros;

use super::mask::RecordMask;
use crate::log_records::{CapturedFields, FieldValue, LogRecord};
use crate::rfc3339;

/// Writes a record, without a line end.
pub(super) fn write_record(out: &mut String, mask: &mut RecordMask, record: &LogRecord) {
    let time = format_rfc3339_micros(rfc3339::nearest(record.time));
    push(out, format_args!("{time} {:>5} ", record.level.as_str()));
    if record.omitted_spans > 0 {
        push(out, format_args!("... ({} more):", record.omitted_spans));
    }
    for span in &record.spans {
        push(out, format_args!("{}", OneLine(span.name)));
        if let Some(fields) = span
            .fields
            .as_ref()
            .filter(|fields| !fields.values.is_empty())
        {
            out.push('{');
            write_fields(out, mask, fields, "");
            out.push('}');
        }
        out.push(':');
    }
    if !record.spans.is_empty() {
        out.push(' ');
    }
    push(out, format_args!("{}:", OneLine(record.origin.target())));
    if let Some(message) = &record.fields.message {
        push(out, format_args!(" {}", OneLine(&mask.text("", message))));
    }
    write_fields(out, mask, &record.fields, " ");
}

/// Fields with a space between them, the first after `before`.
fn write_fields(out: &mut String, mask: &mut RecordMask, fields: &CapturedFields, before: &str) {
    for (at, (name, value)) in fields.values.iter().enumerate() {
        let name = name.strip_prefix("r#").unwrap_or(name);
        let before = if at == 0 { before } else { " " };
        push(out, format_args!("{before}{}=", OneLine(name)));
        match value {
            FieldValue::Text(text) => push(out, format_args!("{:?}", mask.text(name, text))),
            FieldValue::Formatted(text) => {
                push(out, format_args!("{}", OneLine(&mask.text(name, text))));
            }
            FieldValue::Error(text, sources) => {
                push(out, format_args!("{} ", OneLine(&mask.text(name, text))));
                push(out, format_args!("{}.sources=[", OneLine(name)));
                for (at, source) in sources.iter().enumerate() {
                    let separator = if at == 0 { "" } else { ", " };
                    let source = mask.text(name, source);
                    push(out, format_args!("{separator}{}", OneLine(&source)));
                }
                out.push(']');
            }
            FieldValue::Bool(value) => push(out, format_args!("{value}")),
            _ if mask.hides_numbers(name) => push(out, format_args!("******")),
            FieldValue::Signed(number) => push(out, format_args!("{number}")),
            FieldValue::Unsigned(number) => push(out, format_args!("{number}")),
            FieldValue::LongSigned(number) => push(out, format_args!("{number}")),
            FieldValue::LongUnsigned(number) => push(out, format_args!("{number}")),
            FieldValue::Float(number) => push(out, format_args!("{number:?}")),
        }
    }
}

fn push(out: &mut String, text: fmt::Arguments<'_>) {
    // A string accepts every character.
    let _ = out.write_fmt(text);
}

/// Text that cannot end its line or control a terminal.
struct OneLine<'t>(&'t str);

impl Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return f.write_str(self.0);
        }
        write!(f, "{}", excerpt(self.0, usize::MAX))
    }
}
