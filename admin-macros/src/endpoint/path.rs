//! The grammar of paths, as the runtime checks it too: `/literal/{parameter}`.
//!
//! `tests/paths.txt` at the root of the repository holds what both must say.

use std::ops::Range;

/// A `{parameter}` of a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PathParameter {
    /// The name between the braces.
    pub(super) name: String,
    /// Its bytes in the path, with the braces.
    pub(super) bytes: Range<usize>,
}

/// The first mistake of a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) bytes: Range<usize>,
    pub(super) message: String,
}

/// The parameters of a path, in order.
pub(super) fn parameters(path: &str) -> Result<Vec<PathParameter>, Wrong> {
    let Some(rest) = path.strip_prefix('/') else {
        return wrong(0..path.len(), "a path starts with `/`");
    };
    let mut found: Vec<PathParameter> = Vec::new();
    if rest.is_empty() {
        return Ok(found);
    }
    let mut at = 1;
    for segment in rest.split('/') {
        let bytes = at..at + segment.len();
        at = bytes.end + 1;
        let Some(name) = check(segment, bytes.start)? else {
            continue;
        };
        if found.iter().any(|earlier| earlier.name == name) {
            return wrong(bytes, format!("the parameter `{name}` stands twice"));
        }
        found.push(PathParameter {
            name: name.to_owned(),
            bytes,
        });
    }
    Ok(found)
}

/// The name in a segment that is a parameter.
fn check(segment: &str, at: usize) -> Result<Option<&str>, Wrong> {
    let whole = at..at + segment.len();
    if segment.is_empty() {
        return wrong(whole, "a segment is empty: no `//` and no `/` at the end");
    }
    if segment == "." || segment == ".." {
        return wrong(
            whole,
            format!("`{segment}` never arrives: clients resolve it before they ask"),
        );
    }
    let Some(inside) = segment.strip_prefix('{') else {
        let mistake = segment
            .char_indices()
            .find_map(|(offset, c)| Some((offset, c, misplaced(c)?)));
        return match mistake {
            Some((offset, c, message)) => wrong(at + offset..at + offset + c.len_utf8(), message),
            None => Ok(None),
        };
    };
    let Some(name) = inside.strip_suffix('}') else {
        return wrong(
            whole,
            "a `{` is not closed in its segment: a parameter is a whole segment, `{name}`",
        );
    };
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !begins || name.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        let inner = at + 1..at + 1 + name.len();
        return wrong(
            inner,
            format!("`{name}` is no parameter name: letters, digits and `_`"),
        );
    }
    Ok(Some(name))
}

/// Why a character cannot stand in a literal segment.
fn misplaced(c: char) -> Option<String> {
    match c {
        '{' | '}' => Some("a parameter is a whole segment, `{name}`".to_owned()),
        '?' => {
            Some("the query is no part of the path: name its parameters as arguments".to_owned())
        }
        '%' => Some("write the path decoded, without `%`".to_owned()),
        _ if c.is_alphanumeric() || "-._~!$&'()*+,;=:@".contains(c) => None,
        _ => Some(format!("{c:?} cannot stand in a path")),
    }
}

fn wrong<T>(bytes: Range<usize>, message: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong {
        bytes,
        message: message.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line each: the path, then `ok` or the wrong bytes and the message, after tabs.
    const TABLE: &str = include_str!("../../../tests/paths.txt");

    #[test]
    fn says_what_the_table_says() {
        let mut seen = 0;
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let (path, expected) = line.split_once('\t').expect("a path, a tab, what is said");
            let said = match parameters(path) {
                Ok(_) => "ok".to_owned(),
                Err(Wrong { bytes, message }) => {
                    format!("{}..{}\t{message}", bytes.start, bytes.end)
                }
            };
            assert_eq!(said, expected, "{path}");
            seen += 1;
        }
        assert!(seen >= 30, "only {seen} paths found");
        let empty = Wrong {
            bytes: 0..0,
            message: "a path starts with `/`".to_owned(),
        };
        assert_eq!(parameters(""), Err(empty));
    }

    #[test]
    fn parameters_keep_their_order_and_place() {
        let found = parameters("/a/{b}/{c}").unwrap_or_default();
        let names: Vec<_> = found
            .iter()
            .map(|found| (found.name.as_str(), found.bytes.clone()))
            .collect();
        assert_eq!(names, [("b", 3..6), ("c", 7..10)]);
    }
}
