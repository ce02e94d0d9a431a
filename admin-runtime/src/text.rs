//! Text from outside, made safe to repeat.

use std::fmt::{self, Display, Formatter};

/// Displays at most `max_chars` characters of a text, and `...` where it is longer.
///
/// Control characters, bidirectional formatting and invisible characters are escaped as in a string
/// literal of Rust, so that the result is one line and shows everything it holds. Quotes and
/// backslashes stay: a name is repeated as it is. Every message and log line that repeats what a
/// client sent uses this function, or [`one_line`].
///
/// ```
/// use admin_runtime::text::excerpt;
///
/// assert_eq!(excerpt("hot", 10).to_string(), "hot");
/// assert_eq!(excerpt("hot\n2026 INFO forged", 4).to_string(), r"hot\n...");
/// assert_eq!(excerpt("a\u{202e}b", 10).to_string(), r"a\u{202e}b");
/// ```
#[must_use]
pub fn excerpt(text: &str, max_chars: usize) -> impl Display + '_ {
    Excerpt { text, max_chars }
}

/// The whole text on one line, for a field of a log event: escaped as by [`excerpt`].
///
/// Subscribers differ in what they escape: the JSON of `tracing-subscriber` shows a direction mark
/// or the control character `U+0085` as it is.
///
/// ```
/// use admin_runtime::{log_queue, text::one_line};
///
/// let error = std::io::Error::other("no such shard: \u{202e}7\n2026 INFO forged");
/// let error = one_line(&error);
/// assert_eq!(error, r"no such shard: \u{202e}7\n2026 INFO forged");
/// log_queue::emit(move || tracing::warn!(error, "cannot compact"));
/// ```
#[must_use]
pub fn one_line(text: impl Display) -> String {
    excerpt(&text.to_string(), usize::MAX).to_string()
}

struct Excerpt<'a> {
    text: &'a str,
    max_chars: usize,
}

impl Display for Excerpt<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // Most texts need no change.
        if self.text.len() <= self.max_chars && self.text.bytes().all(is_visible_ascii) {
            return f.write_str(self.text);
        }
        let end = self.text.char_indices().nth(self.max_chars);
        let (kept, rest) = self
            .text
            .split_at(end.map_or(self.text.len(), |(at, _)| at));
        let mut pieces = kept.split_inclusive(|c| is_blank(c) || is_quoting(c));
        pieces.try_for_each(|piece| {
            let visible = piece.trim_end_matches(|c| is_blank(c) || is_quoting(c));
            let last = &piece[visible.len()..];
            write!(f, "{}", visible.escape_debug())?;
            if last.starts_with(is_quoting) {
                f.write_str(last)
            } else {
                write!(f, "{}", last.escape_unicode())
            }
        })?;
        if rest.is_empty() {
            Ok(())
        } else {
            f.write_str("...")
        }
    }
}

fn is_visible_ascii(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// Characters that Unicode counts as letters or symbols and every font shows as nothing.
fn is_blank(character: char) -> bool {
    matches!(
        character,
        '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
    )
}

/// Visible characters that a string literal has to escape and a message does not.
fn is_quoting(character: char) -> bool {
    matches!(character, '\'' | '"' | '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        excerpt(text, 8).to_string()
    }

    #[test]
    fn cuts_by_characters() {
        assert_eq!(shown("12345678"), "12345678");
        assert_eq!(shown("123456789"), "12345678...");
        assert_eq!(shown("ääääääääö"), "ääääääää...");
        assert_eq!(excerpt("a", 0).to_string(), "...");
        assert_eq!(excerpt("", 0).to_string(), "");
    }

    #[test]
    fn escapes_what_forges_lines_or_hides() {
        for (text, expected) in [
            ("a\r\nb", r"a\r\nb"),
            ("\u{1b}[31m", r"\u{1b}[31m"),
            ("a\u{2028}b", r"a\u{2028}b"),
            ("\u{2066}a\u{200b}", r"\u{2066}a\u{200b}"),
            ("\u{feff}\u{85}", r"\u{feff}\u{85}"),
            ("a\u{3164}b\u{2800}", r"a\u{3164}b\u{2800}"),
            ("'\"\\\n\u{3164}", r#"'"\\n\u{3164}"#),
            ("Zürich 東京", "Zürich 東..."),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }
}
