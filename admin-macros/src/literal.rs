//! Errors within a string literal.
//!
//! `proc_macro::Literal::subspan`, the only way to get a span within a literal, is unstable. If the
//! compiler supports it, the error has the span of the invalid bytes; otherwise it has the span of
//! the literal and the message repeats the text with the invalid part marked.

use std::fmt::Display;
use std::ops::Range;

use syn::LitStr;

/// An error about a range of bytes of a literal's value.
pub(crate) fn error_inside(
    literal: &LitStr,
    bytes: Range<usize>,
    message: impl Display,
) -> syn::Error {
    let token = literal.token();
    let value = literal.value();
    if let Some(start) = value_offset(&token.to_string(), &value)
        && let Some(span) = token.subspan(start + bytes.start..start + bytes.end)
    {
        return syn::Error::new(span, message);
    }
    syn::Error::new(literal.span(), mark(&value, bytes, &message.to_string()))
}

/// The offset of the value in the literal as written; `None` if it contains escapes.
fn value_offset(written: &str, value: &str) -> Option<usize> {
    let quote = written.find('"')? + 1;
    written.get(quote..)?.starts_with(value).then_some(quote)
}

/// The message, the text and a line of carets below the invalid part, unless that is all of it.
fn mark(value: &str, bytes: Range<usize>, message: &str) -> String {
    let is_everything = bytes.start == 0 && bytes.end >= value.len();
    let (Some(before), Some(invalid)) = (value.get(..bytes.start), value.get(bytes.clone())) else {
        return message.to_owned();
    };
    if is_everything || value.chars().any(char::is_control) {
        return message.to_owned();
    }
    let indent = " ".repeat(before.chars().count());
    let carets = "^".repeat(invalid.chars().count().max(1));
    format!("{message}\n  {value}\n  {indent}{carets}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_part_is_marked() {
        assert_eq!(
            mark("/a/{tier", 3..8, "open"),
            "open\n  /a/{tier\n     ^^^^^"
        );
        assert_eq!(
            mark("/größe?", 8..9, "query"),
            "query\n  /größe?\n        ^"
        );
    }

    #[test]
    fn end_of_text_is_marked() {
        assert_eq!(mark("/env/", 5..5, "empty"), "empty\n  /env/\n       ^");
    }

    #[test]
    fn completely_invalid_text_is_not_marked() {
        assert_eq!(mark("env", 0..3, "slash"), "slash");
        assert_eq!(mark("", 0..0, "slash"), "slash");
    }

    #[test]
    fn value_is_found_in_plain_and_raw_literals() {
        assert_eq!(value_offset(r#""/a""#, "/a"), Some(1));
        assert_eq!(value_offset(r##"r#"/a"#"##, "/a"), Some(3));
        assert_eq!(value_offset(r#""\x2fa""#, "/a"), None);
    }
}
