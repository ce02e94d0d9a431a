//! Names with values inside a value: connection strings, queries of URLs, JSON, YAML, command
//! lines, headers. Anything with `name=value` or `name: value` is read, whatever it is part of.

use std::ops::Range;

use super::extent;
use super::group;
use super::names::{NameClass, classify, is_secret_value};
use super::redaction::Secrets;
use super::values::is_number;

/// Longer names end here, so that a text of separators takes linear time.
const MAX_NAME_BYTES: usize = 96;

/// Longer distances separate a field `name` from the next field `value`.
const MAX_FIELD_DISTANCE: usize = 64;

/// Longer values are not judged by what they look like, so that none is read again and again.
const MAX_ORDINARY_VALUE_BYTES: usize = 1024;

/// Names that are secret as parameters and fields, not as variables.
const PARAMETER_NAMES: &[&str] = &[
    "sid",
    "sessionid",
    "session_id",
    "connect.sid",
    "jsessionid",
    "phpsessid",
    "JSESSIONID",
    "PHPSESSID",
    "x-honeycomb-team",
];

/// Words before credentials in a header's value, which are shown.
const AUTHENTICATION_SCHEMES: &[&str] = &[
    "bearer",
    "basic",
    "digest",
    "token",
    "apikey",
    "negotiate",
    "ssws",
    "splunk",
];

/// Finds the values of names that say that they are secret. In the value of a variable with
/// `headers`, all but plain words are.
pub(super) fn find(text: &str, headers: bool, secrets: &mut Secrets) {
    let mut searched_to = 0;
    let mut grouped_to = 0;
    let mut named: Option<Named> = None;
    let has_jwk = text.contains("kty")
        && ["\"kty\"", "'kty'", "kty:"]
            .iter()
            .any(|kty| text.contains(kty));
    for (at, separator) in text.match_indices(['=', ':', ',']) {
        if at < searched_to || (separator == "," && !is_tuple_separator(text, at)) {
            continue;
        }
        let Some(name) = name_before(text, at, searched_to) else {
            continue;
        };
        let assignment = Assignment {
            text,
            name: name.clone(),
            at,
            colon: separator == ":",
        };
        if assignment.names_a_value() {
            named = assignment.named().or(named);
            continue;
        }
        let class = match (assignment.class(), &named) {
            (_, Some(named)) if assignment.is_value_of(named) => named.class,
            (NameClass::Plain, _) if has_jwk && assignment.is_private_part_of_jwk() => {
                NameClass::Secret
            }
            (NameClass::Plain | NameClass::Login, _) if headers => NameClass::Likely,
            (class, _) => class,
        };
        if class == NameClass::Plain {
            continue;
        }
        let Some(value) = assignment.value() else {
            if class == NameClass::Secret && at >= grouped_to {
                grouped_to =
                    group::find(text, assignment.name(), assignment.value_start(), secrets);
            }
            continue;
        };
        if assignment.is_secret(class, &text[value.clone()]) {
            let secret = without_scheme(text, with_credentials(text, value));
            searched_to = secret.end;
            secrets.push(secret);
        }
    }
}

/// What a field `name` says about the field `value` after it: `{"name": "X", "value": "Y"}`.
struct Named {
    class: NameClass,
    end: usize,
}

/// `name=value` or `name: value` at a separator.
struct Assignment<'t> {
    text: &'t str,
    name: Range<usize>,
    at: usize,
    colon: bool,
}

impl Assignment<'_> {
    fn name(&self) -> &str {
        &self.text[self.name.clone()]
    }

    /// Whether the value is the name of the value of another field.
    fn names_a_value(&self) -> bool {
        let is_field = ["name", "key"]
            .iter()
            .any(|field| self.name().eq_ignore_ascii_case(field));
        is_field && self.named().is_some()
    }

    fn named(&self) -> Option<Named> {
        let limit = self.text.floor_char_boundary(self.at + MAX_NAME_BYTES);
        let near = Assignment {
            text: &self.text[..limit],
            name: self.name.clone(),
            ..*self
        };
        let value = near.value()?;
        let class = classify(&self.text[value.clone()]);
        (class != NameClass::Plain).then_some(Named {
            class,
            end: value.end,
        })
    }

    fn is_value_of(&self, named: &Named) -> bool {
        self.name().eq_ignore_ascii_case("value")
            && self.at.saturating_sub(named.end) <= MAX_FIELD_DISTANCE
    }

    fn class(&self) -> NameClass {
        let name = self.name();
        let before = self.text[..self.name.start].chars().next_back();
        let in_path = matches!(before, Some('/' | '\\' | '@'));
        let url_port_or_scheme = self.text[self.at + 1..].starts_with("//");
        if self.colon && (in_path || url_port_or_scheme || self.is_arn()) {
            return NameClass::Plain;
        }
        if name.to_ascii_lowercase().ends_with("signature") || name == "sig" {
            return NameClass::Secret;
        }
        let in_query = matches!(before, Some('?' | '&'));
        if PARAMETER_NAMES.contains(&name) || (in_query && name == "code") {
            return NameClass::Likely;
        }
        if name.trim_end_matches(|c: char| c.is_ascii_digit()).len() < name.len()
            && classify(parameter_name(name)) == NameClass::Likely
        {
            return NameClass::Plain; // One of a numbered list.
        }
        match classify(parameter_name(name)) {
            NameClass::User | NameClass::Headers | NameClass::Webhook => NameClass::Plain,
            class => class,
        }
    }

    /// Inside `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME`, which names a secret.
    fn is_arn(&self) -> bool {
        let start = self.name.start.saturating_sub(MAX_NAME_BYTES);
        let before = &self.text.as_bytes()[start..self.name.end];
        let word = before
            .iter()
            .rposition(|b| b.is_ascii_whitespace() || b"\"'=,".contains(b));
        before[word.map_or(0, |at| at + 1)..].starts_with(b"arn:")
    }

    /// Behind the separator, which may be `=>`.
    fn value_start(&self) -> usize {
        self.at + 1 + usize::from(self.text[self.at..].starts_with("=>"))
    }

    /// Where the value is; `None` where an object begins, whose fields are read one by one.
    fn value(&self) -> Option<Range<usize>> {
        let start = self.value_start();
        let after = &self.text[start..];
        let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
        let is_option = self.text[..self.name.start].ends_with('-');
        extent::find(self.text, start + blanks, self.colon, is_option)
    }

    /// A private part of a JSON Web Key.
    fn is_private_part_of_jwk(&self) -> bool {
        ["d", "p", "q", "dp", "dq", "qi", "k"].contains(&self.name())
    }

    fn is_secret(&self, class: NameClass, value: &str) -> bool {
        let name = self.name();
        let port = self.colon && is_number(value) && !name.to_ascii_lowercase().contains("pass");
        if value.len() > MAX_ORDINARY_VALUE_BYTES {
            return true;
        }
        !port && is_secret_value(name, class, value)
    }
}

/// The name before a separator: letters, digits, `_`, `.` and `-`, maybe in quotes.
fn name_before(text: &str, at: usize, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut end = at;
    while end > from && at - end < 4 && b" \t\"'\\]".contains(&bytes[end - 1]) {
        end -= 1;
    }
    let mut start = end;
    let in_name = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    while start > from && end - start < MAX_NAME_BYTES && in_name(bytes[start - 1]) {
        start -= 1;
    }
    // The dashes before an option are not part of its name.
    let dashes = bytes[start..end].iter().take_while(|b| **b == b'-').count();
    (start + dashes < end).then_some(start + dashes..end)
}

/// Whether a comma is that of `{name, "value"}` or `f('NAME', 'value')`.
fn is_tuple_separator(text: &str, at: usize) -> bool {
    let after = text[at + 1..].trim_start_matches(' ');
    let limit = text.floor_char_boundary(at.saturating_sub(MAX_NAME_BYTES));
    let before = text[limit..at].trim_end_matches(['"', '\'']);
    let name = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "_-".contains(c));
    after.starts_with(['"', '\''])
        && name.len() < before.len()
        && name.trim_end_matches(['"', '\'']).ends_with(['{', '('])
}

/// A value that is only the scheme with the word behind it, which may look like a name: `Basic a=`.
fn with_credentials(text: &str, value: Range<usize>) -> Range<usize> {
    let scheme = &text[value.clone()];
    let rest = &text[value.end..];
    let is_scheme = AUTHENTICATION_SCHEMES
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    if !is_scheme || !rest.starts_with(' ') {
        return value;
    }
    let is_end = |c: char| c.is_whitespace() || ",;\"'".contains(c);
    let word = rest[1..].find(is_end).map_or(rest.len(), |end| end + 1);
    value.start..value.end + word
}

/// A value without the scheme before its credentials: `Bearer`.
fn without_scheme(text: &str, value: Range<usize>) -> Range<usize> {
    let words = &text[value.clone()];
    for separator in [" ", "%20", "+"] {
        if let Some((scheme, _)) = words.split_once(separator)
            && AUTHENTICATION_SCHEMES
                .iter()
                .any(|known| scheme.eq_ignore_ascii_case(known))
        {
            return value.start + scheme.len() + separator.len()..value.end;
        }
    }
    value
}

/// `PWD` in a list is a password; the variable of that name is the folder of the shell.
fn parameter_name(name: &str) -> &str {
    if name == "PWD" { "pwd" } else { name }
}
