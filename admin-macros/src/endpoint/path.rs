//! Parses paths: `/literal/{parameter}`. The runtime checks paths with the same grammar.
//!
//! Both are tested with the table in `tests/paths.txt`.

use std::ops::Range;

/// A `{parameter}` of a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PathParameter {
    /// The name between the braces.
    pub(super) name: String,
    /// Its bytes in the path, including the braces.
    pub(super) bytes: Range<usize>,
}

/// The first error in a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PathProblem {
    pub(super) bytes: Range<usize>,
    pub(super) message: String,
}

/// The parameters of a path, in order. `/` at the end is valid; another check asks for its key.
pub(super) fn parameters(path: &str) -> Result<Vec<PathParameter>, PathProblem> {
    let Some(rest) = path.strip_prefix('/') else {
        return wrong(0..path.len(), without_slash(path));
    };
    let mut found: Vec<PathParameter> = Vec::new();
    if rest.is_empty() {
        return Ok(found);
    }
    let mut at = 1;
    // One `/` at the end is part of the path.
    for segment in rest.strip_suffix('/').unwrap_or(rest).split('/') {
        let bytes = at..at + segment.len();
        at = bytes.end + 1;
        let Some(name) = check(segment, bytes.start)? else {
            continue;
        };
        if found.iter().any(|earlier| earlier.name == name) {
            return wrong(bytes, format!("duplicate parameter `{name}`"));
        }
        found.push(PathParameter {
            name: name.to_owned(),
            bytes,
        });
    }
    Ok(found)
}

fn without_slash(path: &str) -> String {
    let with_slash = format!("/{path}");
    let is_meant = !path.is_empty() && parameters(&with_slash).is_ok();
    let hint = is_meant.then(|| format!(": write `{with_slash}`"));
    format!("a path must start with `/`{}", hint.unwrap_or_default())
}

/// Checks a segment; returns the name if it is a parameter.
fn check(segment: &str, at: usize) -> Result<Option<&str>, PathProblem> {
    let whole = at..at + segment.len();
    if segment.is_empty() {
        return wrong(whole, "empty segment: remove the extra `/`");
    }
    if segment == "." || segment == ".." {
        return wrong(
            whole,
            format!("`{segment}` can never match: clients normalise it away"),
        );
    }
    if let Some(message) = notation_of_another_framework(segment) {
        return wrong(whole, message);
    }
    let Some(inside) = segment.strip_prefix('{') else {
        let mistake = segment
            .char_indices()
            .find_map(|(offset, c)| Some((offset, c, invalid_character(c)?)));
        return match mistake {
            Some((offset, c, message)) => wrong(at + offset..at + offset + c.len_utf8(), message),
            None => Ok(None),
        };
    };
    let Some(name) = inside.strip_suffix('}') else {
        return wrong(
            whole,
            "unclosed `{`: a parameter must be a whole segment, `{name}`",
        );
    };
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts_well || name.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        let inner = at + 1..at + 1 + name.len();
        return wrong(
            inner,
            format!("`{name}` is not a valid parameter name: use letters, digits and `_`"),
        );
    }
    Ok(Some(name))
}

/// The error message for a segment that is a parameter or a wildcard elsewhere.
fn notation_of_another_framework(segment: &str) -> Option<String> {
    let inner = segment
        .strip_prefix('<')
        .and_then(|name| name.strip_suffix('>'));
    if let Some(name) = inner.or_else(|| segment.strip_prefix(':')) {
        let name = if name.is_empty() { "name" } else { name };
        return Some(format!(
            "`{segment}` is not a parameter: write `{{{name}}}`"
        ));
    }
    let catches_all = segment.starts_with('*') || segment.starts_with("{*");
    catches_all.then(|| {
        format!("`{segment}` is not a wildcard: a parameter matches one segment, write `{{name}}`")
    })
}

/// The error message for a character that is not allowed in a literal segment.
fn invalid_character(c: char) -> Option<String> {
    match c {
        '{' | '}' => Some("a parameter must be a whole segment, `{name}`".to_owned()),
        '?' => Some(
            "the query is not part of the path: declare its parameters as arguments".to_owned(),
        ),
        '%' => Some("write the path without percent-encoding".to_owned()),
        _ if c.is_alphanumeric() || "-._~!$&'()*+,;=:@".contains(c) => None,
        _ => Some(format!("{c:?} is not allowed in a path")),
    }
}

fn wrong<T>(bytes: Range<usize>, message: impl Into<String>) -> Result<T, PathProblem> {
    Err(PathProblem {
        bytes,
        message: message.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One path per line, then `ok` or the invalid bytes and the message, separated by tabs.
    const TABLE: &str = include_str!("../../../tests/paths.txt");

    #[test]
    fn results_match_the_table() {
        let mut count = 0;
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let (path, expected) = line.split_once('\t').expect("a path, a tab, the result");
            let result = match parameters(path) {
                Ok(_) => "ok".to_owned(),
                Err(PathProblem { bytes, message }) => {
                    format!("{}..{}\t{message}", bytes.start, bytes.end)
                }
            };
            assert_eq!(result, expected, "{path}");
            count += 1;
        }
        assert!(count >= 30, "only {count} paths found");
        let empty = PathProblem {
            bytes: 0..0,
            message: "a path must start with `/`".to_owned(),
        };
        assert_eq!(parameters(""), Err(empty));
    }

    #[test]
    fn parameters_are_returned_in_order() {
        let found = parameters("/a/{b}/{c}").unwrap_or_default();
        let names: Vec<_> = found
            .iter()
            .map(|found| (found.name.as_str(), found.bytes.clone()))
            .collect();
        assert_eq!(names, [("b", 3..6), ("c", 7..10)]);
    }
}
