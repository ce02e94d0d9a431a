//! Objects, lists and blocks of YAML whose name says that all that they hold is secret:
//! `"credentials": {"hash": "..."}`.

use std::ops::Range;

#[cfg(feature = "identity")]
use super::names::classify;
use super::names::{NameClass, is_about, is_secret_value};
use super::redaction::Secrets;
use super::values::is_number;

/// Fields beside those that are about a secret which are shown, since they tell where it is used.
const SHOWN_FIELDS: &[&str] = &[
    "hostname",
    "database",
    "db",
    "dbname",
    "vhost",
    "scheme",
    "protocol",
    "engine",
    "driver",
    "description",
    "label",
    "email",
    "plan",
    "instance",
    "tags",
    "bucket",
    "account",
    "tenant",
];

/// Words at the end of a name whose fields are shown where they are ordinary words.
const CREDENTIAL_GROUP_NAMES: &[&str] = &["credentials", "credential", "creds", "cred"];

/// Finds the values in the group that begins at `start`, behind its name; returns its end.
pub(super) fn find(text: &str, name: &str, start: usize, secrets: &mut Secrets) -> usize {
    let mut group = Group {
        text,
        class: class_of_secret_group(name),
        secrets,
    };
    let rest = text[start..].trim_start_matches([' ', '\t']);
    let at = text.len() - rest.len();
    match rest.chars().next() {
        Some('{') => group.read_object(at + 1),
        Some('\n' | '\r') => group.read_block(start),
        _ => start,
    }
}

/// The class of the fields in a group whose name says that they are secret.
fn class_of_secret_group(name: &str) -> NameClass {
    let lower = name.to_ascii_lowercase();
    let mut words = CREDENTIAL_GROUP_NAMES.iter();
    if words.any(|word| lower.ends_with(word)) {
        NameClass::Likely
    } else {
        NameClass::Secret
    }
}

fn is_secret_field(class: NameClass, name: &str, value: &str) -> bool {
    let is_shown_field = SHOWN_FIELDS
        .iter()
        .any(|field| name.eq_ignore_ascii_case(field));
    !is_shown_field && !is_about(name) && !is_number(value) && is_secret_value("", class, value)
}

/// Whether the name of a group says that the value of a field in it is a secret.
#[cfg(feature = "identity")]
pub(crate) fn is_secret_in_group(group: &str, field: &str, value: &str) -> bool {
    let class = match classify(group) {
        NameClass::Secret => class_of_secret_group(group),
        class @ (NameClass::Likely | NameClass::Login) => class,
        _ => return false,
    };
    is_secret_field(class, field, value)
}

struct Group<'t, 's> {
    text: &'t str,
    class: NameClass,
    secrets: &'s mut Secrets,
}

impl Group<'_, '_> {
    /// Reads to the bracket that ends the object, or to the end of the text.
    fn read_object(&mut self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let (mut at, mut depth, mut key) = (start, 1, 0..0);
        while depth > 0 && at < bytes.len() {
            match bytes[at] {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                byte if is_separator(byte) => {}
                _ => {
                    let word = self.word(at);
                    at = word.end.max(at + 1);
                    at += usize::from(bytes.get(at).is_some_and(|byte| b"\"'".contains(byte)));
                    if self.is_key(at) {
                        key = word;
                    } else {
                        self.add(key.clone(), word);
                    }
                    continue;
                }
            }
            at += 1;
        }
        at
    }

    /// A quoted text without its quotes, or a word.
    fn word(&self, at: usize) -> Range<usize> {
        let rest = &self.text[at..];
        if let Some(quote) = rest.chars().next().filter(|c| "\"'".contains(*c)) {
            let mut escaped = false;
            let inside = at + 1;
            let end = self.text[inside..].find(|c| {
                let ends = c == quote && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            return inside..end.map_or(self.text.len(), |end| inside + end);
        }
        let end =
            rest.find(|c: char| c.is_ascii() && (is_separator(c as u8) || "{}[]".contains(c)));
        at..at + end.unwrap_or(rest.len())
    }

    fn is_key(&self, at: usize) -> bool {
        let rest = self.text[at..].trim_start_matches([' ', '\t']);
        rest.starts_with([':', '='])
    }

    /// Reads the lines that are indented deeper than the one with the name, or are items.
    fn read_block(&mut self, start: usize) -> usize {
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let base = indentation(&self.text[line_start..]);
        let Some(first) = self.text[start..].find('\n') else {
            return start;
        };
        let mut at = start + first + 1;
        for line in self.text[at..].split_inclusive('\n') {
            let indentation = indentation(line);
            let content = line.trim();
            let is_item = content.starts_with("- ");
            let is_inside = indentation > base || (indentation == base && is_item);
            if !content.is_empty() && !is_inside {
                break;
            }
            self.read_line(at, line);
            at += line.len();
        }
        at
    }

    fn read_line(&mut self, start: usize, line: &str) {
        let content = line.trim_start();
        let content = content.strip_prefix("- ").unwrap_or(content).trim_start();
        let at = start + line.len() - content.len();
        let content = content.trim_end();
        let (key, value) = match content.split_once(": ") {
            Some((key, value)) => (at..at + key.len(), value.trim_start()),
            None if content.ends_with(':') => return,
            None => (at..at, content),
        };
        let end = at + content.len();
        let value = end - value.len()..end;
        let is_quote = |c: char| "\"'".contains(c);
        let text = &self.text[value.clone()];
        let inner = text.trim_start_matches(is_quote);
        let value_start = value.end - inner.len();
        self.add(
            key,
            value_start..value_start + inner.trim_end_matches(is_quote).len(),
        );
    }

    fn add(&mut self, key: Range<usize>, value: Range<usize>) {
        let (name, shown) = (&self.text[key], &self.text[value.clone()]);
        if is_secret_field(self.class, name, shown) {
            self.secrets.push(value);
        }
    }
}

fn is_separator(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b",:=>".contains(&byte)
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(name: &str, text: &str) -> String {
        let mut secrets = Secrets::default();
        find(text, name, 0, &mut secrets);
        secrets.redact(text).into_owned()
    }

    #[test]
    fn fields_of_secret_objects_are_hidden() {
        for (text, shown) in [
            (
                "{\"a\":\"x1\",\"host\":\"h1\"}",
                "{\"a\":\"******\",\"host\":\"h1\"}",
            ),
            ("{a: {b: [c1, 'd1']}}", "{a: {b: [******, '******']}}"),
            (
                "{\"a\": 5, \"b\": true, \"c\": \"\"}",
                "{\"a\": 5, \"b\": true, \"c\": \"\"}",
            ),
            ("{\"a\": \"x", "{\"a\": \"******"),
        ] {
            assert_eq!(masked("secrets", text), shown);
        }
        assert_eq!(masked("credentials", "{a: word}"), "{a: word}");
    }

    #[test]
    fn lines_of_secret_blocks_are_hidden() {
        for (text, shown) in [
            (
                "\n  - a1\n  - \"b1\"\nc: d1",
                "\n  - ******\n  - \"******\"\nc: d1",
            ),
            ("\n- a1\n- b1\n", "\n- ******\n- ******\n"),
            (
                "\n  u: a1\n  v:\n    w: b1\nx: y1",
                "\n  u: ******\n  v:\n    w: ******\nx: y1",
            ),
        ] {
            assert_eq!(masked("passwords", text), shown);
        }
    }
}
