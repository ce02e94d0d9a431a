//! Names in quotes, as `%q` of Go writes them, and so the API server of Kubernetes.

use std::fmt::Write;

use admin_runtime::text::one_line;

/// How much of a name is repeated, in characters.
const MAX_QUOTED_CHARS: usize = 255;

/// A name in double quotes, in which nothing ends the quotes or the line.
pub(super) fn quoted(name: &str) -> String {
    let mut text = String::from('"');
    let mut characters = name.chars();
    for character in characters.by_ref().take(MAX_QUOTED_CHARS) {
        push(&mut text, character);
    }
    if characters.next().is_some() {
        text.push_str("...");
    }
    text.push('"');
    text
}

fn push(text: &mut String, character: char) {
    let letter = match character {
        '"' | '\\' => character,
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{b}' => 'v',
        _ if one_line(character) == character.to_string() => return text.push(character),
        _ => {
            let code = u32::from(character);
            let written = match code {
                ..0x80 => write!(text, "\\x{code:02x}"),
                0x80..0x1_0000 => write!(text, "\\u{code:04x}"),
                _ => write!(text, "\\U{code:08x}"),
            };
            // A `String` takes any text.
            debug_assert!(written.is_ok());
            return;
        }
    };
    text.extend(['\\', letter]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_go_does() {
        for (name, expected) in [
            ("a", r#""a""#),
            ("", r#""""#),
            ("b\"", r#""b\"""#),
            (r"a\b", r#""a\\b""#),
            ("a\nb\tc\0\u{7f}", r#""a\nb\tc\x00\x7f""#),
            ("zw\u{200b}\u{202e}", r#""zw\u200b\u202e""#),
            ("\u{e0001}", r#""\U000e0001""#),
            ("Zürich 東京 'x'", r#""Zürich 東京 'x'""#),
        ] {
            assert_eq!(quoted(name), expected);
        }
        let long = "x".repeat(256);
        assert_eq!(quoted(&long), format!("\"{}...\"", &long[1..]));
    }
}
