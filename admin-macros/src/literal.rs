//! Mistakes inside a string literal.
//!
//! `proc_macro::Literal::subspan` is the only way to a span inside a literal and it is unstable.
//! Where the compiler has it, the error underlines the wrong bytes; elsewhere it underlines the
//! literal and the message repeats the text with the wrong part marked.

use std::fmt::Display;
use std::ops::Range;

use syn::LitStr;

/// An error about some bytes of a literal's value.
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

/// Where the value begins in the literal as written; `None` where escapes make them differ.
fn value_offset(written: &str, value: &str) -> Option<usize> {
    let quote = written.find('"')? + 1;
    written.get(quote..)?.starts_with(value).then_some(quote)
}

/// The message with the text and a line of carets below it, unless they would mark all of it.
fn mark(value: &str, bytes: Range<usize>, message: &str) -> String {
    let everything = bytes.start == 0 && bytes.end >= value.len();
    let (Some(before), Some(wrong)) = (value.get(..bytes.start), value.get(bytes.clone())) else {
        return message.to_owned();
    };
    if everything || value.chars().any(char::is_control) {
        return message.to_owned();
    }
    let indent = " ".repeat(before.chars().count());
    let carets = "^".repeat(wrong.chars().count().max(1));
    format!("{message}\n  {value}\n  {indent}{carets}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_the_wrong_part_below_the_text() {
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
    fn marks_the_place_after_the_end() {
        assert_eq!(mark("/env/", 5..5, "empty"), "empty\n  /env/\n       ^");
    }

    #[test]
    fn marks_nothing_where_all_is_wrong() {
        assert_eq!(mark("env", 0..3, "slash"), "slash");
        assert_eq!(mark("", 0..0, "slash"), "slash");
    }

    #[test]
    fn finds_the_value_in_plain_and_raw_literals() {
        assert_eq!(value_offset(r#""/a""#, "/a"), Some(1));
        assert_eq!(value_offset(r##"r#"/a"#"##, "/a"), Some(3));
        assert_eq!(value_offset(r#""\x2fa""#, "/a"), None);
    }
}
