//! Where the value of an assignment ends. Passwords may have separators in them: one ends a value
//! only if what follows looks like something else.

use std::ops::Range;

/// How far to look behind a separator.
const MAX_LOOK_AHEAD_BYTES: usize = 64;

/// The value that starts at `start`; `None` if there is none, or an object, whose fields are read
/// one by one. Quotes and brackets are not part of it.
///
/// A `colon` before it allows the forms of JSON and YAML. After the name of an option the value is
/// one word.
pub(super) fn find(text: &str, start: usize, colon: bool, is_option: bool) -> Option<Range<usize>> {
    let rest = &text[start..];
    let end = match rest.chars().next()? {
        '\n' | '\r' => return None,
        '{' if colon => return None,
        '{' => {
            start
                + rest
                    .find('}')
                    .map_or(rest.len(), |brace| brace + end_of_word(&rest[brace..]))
        }
        '[' if colon || rest[1..].starts_with(['"', '\'']) => {
            return Some(start + 1..start + rest.find(']').unwrap_or(rest.len()));
        }
        '|' | '>'
            if colon
                && rest[1..]
                    .trim_start_matches([' ', '-', '+'])
                    .starts_with('\n') =>
        {
            let lines = start + rest.find('\n').unwrap_or(rest.len());
            return Some(lines..end_of_indented_lines(text, lines));
        }
        quote @ ('"' | '\'' | '`') => {
            let inside = start + 1;
            return Some(inside..end_of_quoted(text, inside, quote));
        }
        '\\' if rest[1..].starts_with(['"', '\'']) => {
            let inside = start + 2;
            let end = text[inside..].find(&rest[..2]);
            return Some(inside..end.map_or(text.len(), |end| inside + end));
        }
        _ => start + end_of_debug_value(rest).unwrap_or_else(|| end_of_unquoted(rest, is_option)),
    };
    Some(start..end)
}

/// The length of `Name { field: .. }` or `Name(..)`, as `Debug` writes structs of Rust; `None` if
/// it is something else.
fn end_of_debug_value(rest: &str) -> Option<usize> {
    let in_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'<' | b'>');
    let bytes = rest.as_bytes();
    let name = bytes
        .iter()
        .take(MAX_LOOK_AHEAD_BYTES)
        .take_while(|b| in_name(b));
    let name = name.count();
    let open = name + usize::from(bytes[name..].starts_with(b" {"));
    if !bytes.first()?.is_ascii_uppercase() || !matches!(bytes.get(open), Some(b'{' | b'(')) {
        return None;
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in bytes.iter().enumerate().skip(open) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b'{' | b'(' | b'[' if !quoted => depth += 1,
            b'}' | b')' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    Some(rest.len())
}

/// The length of a value that ends at a separator before something that is not part of it.
fn end_of_unquoted(rest: &str, is_option: bool) -> usize {
    let ends = |at: usize, c: char| match c {
        '\n' | '\r' => true,
        '&' | ';' | ',' | '|' => ends_a_value(&rest[at + 1..]),
        ' ' | '\t' => is_option || ends_a_word(&rest[at + 1..]),
        '"' | '\'' | ')' | '}' | ']' | '>' => ends_a_value(&rest[at + 1..]),
        '\\' => rest[at + 1..].starts_with(['n', '"']) && ends_a_value(&rest[at + 2..]),
        _ => false,
    };
    let mut chars = rest.char_indices();
    chars
        .find(|(at, c)| ends(*at, *c))
        .map_or(rest.len(), |(at, _)| at)
}

/// Whether a value may end before this: the text ends, or another assignment or a bracket follows.
fn ends_a_value(rest: &str) -> bool {
    let Some(rest) = after_blanks(rest) else {
        return false;
    };
    match rest.chars().next() {
        None | Some('\n' | '\r' | '"' | '\'' | '{' | '}' | '[' | ']' | ')' | ',' | ';') => true,
        Some(_) => begins_assignment(rest, true) || begins_word_of_command(rest),
    }
}

/// Whether a word of a command line or of a list follows, rather than more of a value with blanks.
fn ends_a_word(rest: &str) -> bool {
    after_blanks(rest).is_some_and(|rest| {
        rest.is_empty() || begins_assignment(rest, false) || begins_word_of_command(rest)
    })
}

/// What follows blanks; `None` if there are so many that reading on from each takes too long.
fn after_blanks(rest: &str) -> Option<&str> {
    let is_blank = |b: &u8| b" \t".contains(b);
    let blanks = rest
        .bytes()
        .take(MAX_LOOK_AHEAD_BYTES)
        .take_while(is_blank)
        .count();
    (blanks < MAX_LOOK_AHEAD_BYTES).then(|| &rest[blanks..])
}

fn begins_word_of_command(rest: &str) -> bool {
    ["-", "|", "&&", ">", "<", "http://", "https://", "\"", "'"]
        .iter()
        .any(|start| rest.starts_with(start))
}

fn begins_assignment(rest: &str, blanks: bool) -> bool {
    let in_name =
        |b: &u8| b.is_ascii_alphanumeric() || b"_.-\"'".contains(b) || (blanks && *b == b' ');
    let name = rest
        .bytes()
        .take(MAX_LOOK_AHEAD_BYTES)
        .take_while(in_name)
        .count();
    name > 0 && matches!(rest.as_bytes().get(name), Some(b'=' | b':'))
}

fn end_of_word(rest: &str) -> usize {
    rest.find([';', '\n']).unwrap_or(rest.len())
}

/// The end of a quoted value: an unescaped quote, or the end of the text. Two quotes of SQL are one.
fn end_of_quoted(text: &str, start: usize, quote: char) -> usize {
    let mut escaped = false;
    let mut chars = text[start..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if !escaped && c == quote {
            if quote == '\'' && at > 0 && chars.next_if(|(_, next)| *next == quote).is_some() {
                continue;
            }
            return start + at;
        }
        escaped = !escaped && c == '\\';
    }
    text.len()
}

/// The end of the lines from `start` on that are blank or indented: a block of YAML.
fn end_of_indented_lines(text: &str, start: usize) -> usize {
    let mut end = start;
    for line in text[start..].split_inclusive('\n') {
        if end > start && !line.starts_with([' ', '\t', '\n']) {
            break;
        }
        end += line.len();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, colon: bool, is_option: bool) -> Option<&str> {
        find(text, 0, colon, is_option).map(|value| &text[value])
    }

    #[test]
    fn separators_inside_values_do_not_end_them() {
        for (text, expected) in [
            ("a b;Encrypt=True", "a b"),
            ("a;b", "a;b"),
            ("a&b&x=1", "a&b"),
            ("ab=,ssl=True", "ab="),
            ("{b;c}9;Encrypt=True", "{b;c}9"),
            ("a b dbname=x", "a b"),
            ("a\nb", "a"),
            ("'a b' user=x", "a b"),
            ("\"a\\\"b\" c", "a\\\"b"),
            ("\\\"a\\\",", "a"),
            (
                "Secret { inner: \"a } b\" }, x: 1",
                "Secret { inner: \"a } b\" }",
            ),
            ("Some(Secret([1, 2])), x: 1", "Some(Secret([1, 2]))"),
            ("Secret { inner: 1", "Secret { inner: 1"),
            ("'it''s a' x", "it''s a"),
            ("'' x", ""),
        ] {
            assert_eq!(value(text, false, false), Some(expected), "{text}");
        }
    }

    #[test]
    fn values_of_options_are_one_word() {
        assert_eq!(value("a b", false, true), Some("a"));
        assert_eq!(value("a -v", false, false), Some("a"));
    }

    #[test]
    fn colons_allow_json_and_yaml() {
        assert_eq!(value("{\"a\": 1}", true, false), None);
        assert_eq!(value("[\"a\", \"b\"]", true, false), Some("\"a\", \"b\""));
        assert_eq!(
            value("|\n  a\n  b\nc: d", true, false),
            Some("\n  a\n  b\n")
        );
        assert_eq!(value("", true, false), None);
    }
}
