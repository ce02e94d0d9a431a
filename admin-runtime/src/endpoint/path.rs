//! The grammar of endpoint paths: `/literal/{parameter}`, with or without `/` at the end, no more.

use std::fmt;
use std::ops::Range;

/// One segment of a path pattern.
///
/// ```
/// use admin_runtime::describe::{PathPattern, Segment};
///
/// let path = PathPattern::parse("/cache/{tier}")?;
/// assert_eq!(path.segments(), [Segment::Literal("cache"), Segment::Parameter("tier")]);
/// # Ok::<(), admin_runtime::describe::PathError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Segment<'a> {
    /// Matches itself, after percent-decoding.
    Literal(&'a str),
    /// `{name}`: matches any one segment that is not empty.
    Parameter(&'a str),
}

/// A checked path pattern.
///
/// ```
/// use admin_runtime::describe::PathPattern;
///
/// let path = PathPattern::parse("/cache/{tier}/clear")?;
/// assert_eq!(path.parameters().collect::<Vec<_>>(), ["tier"]);
/// assert_eq!(path.segments().len(), 3);
/// let error = PathPattern::parse("cache").unwrap_err();
/// assert_eq!(error.to_string(), "a path must start with `/`: write `/cache`");
/// # Ok::<(), admin_runtime::describe::PathError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern<'a>(Vec<Segment<'a>>);

impl<'a> PathPattern<'a> {
    /// Checks a path as written in `path = "..."`. The same grammar is checked by the macro.
    ///
    /// # Errors
    ///
    /// The first mistake, with the bytes it spans.
    pub fn parse(path: &'a str) -> Result<Self, PathError> {
        if !path.starts_with('/') {
            return Err(PathError::new(0..path.len(), without_slash(path)));
        }
        if path == "/" {
            return Ok(Self(Vec::new()));
        }
        let mut segments = Vec::new();
        let mut start = 1;
        let (inner, end) = match path[1..].strip_suffix('/') {
            Some(inner) => (inner, Some(Segment::Literal(""))),
            None => (&path[1..], None),
        };
        for text in inner.split('/') {
            let span = start..start + text.len();
            start = span.end + 1;
            let segment = segment(text).map_err(|error| error.shifted(span.start))?;
            if let Segment::Parameter(name) = segment
                && segments.contains(&segment)
            {
                return Err(PathError::new(
                    span,
                    format!("duplicate parameter `{name}`"),
                ));
            }
            segments.push(segment);
        }
        segments.extend(end);
        Ok(Self(segments))
    }

    /// The segments, in order; none for `/`. The last one of a path that ends with `/` is empty.
    #[must_use]
    pub fn segments(&self) -> &[Segment<'a>] {
        &self.0
    }

    /// The names of the parameters, in order.
    pub fn parameters(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.0.iter().filter_map(|segment| match segment {
            Segment::Parameter(name) => Some(*name),
            Segment::Literal(_) => None,
        })
    }
}

/// Why a path is invalid.
///
/// ```
/// use admin_runtime::describe::PathPattern;
///
/// let path = "/cache/tier}";
/// let error = PathPattern::parse(path).unwrap_err();
/// assert_eq!(error.to_string(), "a parameter must be a whole segment, `{name}`");
/// assert_eq!(&path[error.span()], "}");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    span: Range<usize>,
    message: String,
}

impl PathError {
    fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
        }
    }

    fn shifted(self, by: usize) -> Self {
        Self {
            span: self.span.start + by..self.span.end + by,
            ..self
        }
    }

    /// The bytes of the path that are wrong.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PathError {}

fn without_slash(path: &str) -> String {
    let with_slash = format!("/{path}");
    let is_meant = !path.is_empty() && PathPattern::parse(&with_slash).is_ok();
    let hint = is_meant.then(|| format!(": write `{with_slash}`"));
    format!("a path must start with `/`{}", hint.unwrap_or_default())
}

fn segment(text: &str) -> Result<Segment<'_>, PathError> {
    let whole = 0..text.len();
    if text.is_empty() {
        let message = "empty segment: remove the extra `/`";
        return Err(PathError::new(whole, message));
    }
    if let Some(message) = notation_of_another_framework(text) {
        return Err(PathError::new(whole, message));
    }
    if let Some(inner) = text.strip_prefix('{') {
        let Some(name) = inner.strip_suffix('}') else {
            let message = "unclosed `{`: a parameter must be a whole segment, `{name}`";
            return Err(PathError::new(whole, message));
        };
        if !is_identifier(name) {
            let message =
                format!("`{name}` is not a valid parameter name: use letters, digits and `_`");
            return Err(PathError::new(1..1 + name.len(), message));
        }
        return Ok(Segment::Parameter(name));
    }
    if text == "." || text == ".." {
        let message = format!("`{text}` can never match: clients normalise it away");
        return Err(PathError::new(whole, message));
    }
    let allowed = |c: char| c.is_alphanumeric() || "-._~!$&'()*+,;=:@".contains(c);
    if let Some((at, c)) = text.char_indices().find(|(_, c)| !allowed(*c)) {
        let message = match c {
            '{' | '}' => "a parameter must be a whole segment, `{name}`".to_owned(),
            '?' => {
                "the query is not part of the path: declare its parameters as arguments".to_owned()
            }
            '%' => "write the path without percent-encoding".to_owned(),
            _ => format!("{c:?} is not allowed in a path"),
        };
        return Err(PathError::new(at..at + c.len_utf8(), message));
    }
    Ok(Segment::Literal(text))
}

/// The error message for a segment that is a parameter or a wildcard in other frameworks.
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

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_literals_and_whole_segment_parameters() {
        for path in [
            "/",
            "/env",
            "/a/{b}/c",
            "/{x}",
            "/a.b/c-d_e~f",
            "/größe",
            "/a:b@c",
            "/{_x1}",
            "/env/",
            "/a/{b}/",
        ] {
            assert!(PathPattern::parse(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn points_at_what_is_wrong() {
        for (path, span) in [
            ("", 0..0),
            ("env", 0..3),
            ("/env//", 5..5),
            ("//env", 1..1),
            ("/a/{tier", 3..8),
            ("/a/tier}", 7..8),
            ("/a/{t-r}", 4..7),
            ("/a/{}", 4..4),
            ("/a/x{y}", 4..5),
            ("/{x}/{x}", 5..8),
            ("/a?b=1", 2..3),
            ("/a%20b", 2..3),
            ("/a b", 2..3),
            ("/a/..", 3..5),
            ("/{x}y", 1..5),
        ] {
            let error = PathPattern::parse(path).expect_err(path);
            assert_eq!(error.span(), span, "{path}: {error}");
        }
    }
}
