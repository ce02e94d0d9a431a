//! Escapes of the text exposition format 0.0.4.
//!
//! Source: prometheus.io, "Exposition formats", "Comments, help text, and type information".

/// Appends a label value: backslash, double quote and line feed are escaped.
pub(super) fn push_label_value(out: &mut String, value: &str) {
    push(out, value, true);
}

/// Appends a HELP text: backslash and line feed are escaped.
pub(super) fn push_help(out: &mut String, help: &str) {
    push(out, help, false);
}

fn push(out: &mut String, text: &str, quotes: bool) {
    out.reserve(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes => out.push_str("\\\""),
            c => out.push(c),
        }
    }
}

/// Decodes a label value; `None` if it ends within an escape. An unknown escape is kept as it is.
pub(super) fn unescape_label_value(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            'n' => out.push('\n'),
            c @ ('\\' | '"') => out.push(c),
            other => out.extend(['\\', other]),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn backslash_quote_and_line_feed_are_escaped() {
        let mut out = String::new();
        push_label_value(&mut out, "a\\b\"c\nd\te\r\u{7f}");
        assert_eq!(out, "a\\\\b\\\"c\\nd\te\r\u{7f}");
        out.clear();
        push_help(&mut out, "a\\n \"b\"\n");
        assert_eq!(out, "a\\\\n \"b\"\\n");
    }

    proptest! {
        #[test]
        fn escaped_values_decode_to_the_original(value: String) {
            let mut out = String::new();
            push_label_value(&mut out, &value);
            prop_assert!(!out.contains('\n'));
            prop_assert_eq!(unescape_label_value(&out), Some(value));
        }
    }
}
