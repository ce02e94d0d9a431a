//! Markup within one paragraph.

use std::fmt::{self, Display, Formatter};

use super::scan::{code_span, end_of_brackets, end_of_emphasis, is_web_address};
use crate::index::escaped::Escaped;

/// How deep emphasis and links may be nested; what is deeper is shown as written.
const MAX_DEPTH: usize = 4;

/// Longest text that markup is looked for in, in bytes: the time grows with its square.
const MAX_BYTES: usize = 4096;

/// Markup within one paragraph.
pub(crate) struct MarkdownLine<'a> {
    text: &'a str,
    depth: usize,
    has_links: bool,
}

impl<'a> MarkdownLine<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            depth: 0,
            has_links: true,
        }
    }

    /// The same with the texts of links only, for a place that is beside a link.
    pub(crate) fn without_links(text: &'a str) -> Self {
        Self {
            has_links: false,
            ..Self::new(text)
        }
    }

    /// A part of this text, one level deeper.
    fn inner(&self, text: &'a str) -> Self {
        Self {
            text,
            depth: self.depth + 1,
            has_links: self.has_links,
        }
    }

    /// Writes the markup that a text begins with and returns what follows it.
    fn markup(&self, at: usize, f: &mut Formatter<'_>) -> Result<Option<&'a str>, fmt::Error> {
        let rest = &self.text[at..];
        match rest.as_bytes()[0] {
            b'\\' => escaped_character(rest, f),
            b'`' => code(rest, f),
            b'<' => self.autolink(rest, f),
            b'[' => self.link(rest, f),
            _ => self.emphasis(at, f),
        }
    }

    fn emphasis(&self, at: usize, f: &mut Formatter<'_>) -> Result<Option<&'a str>, fmt::Error> {
        let rest = &self.text[at..];
        for (mark, tag) in [("**", "strong"), ("__", "strong"), ("*", "em"), ("_", "em")] {
            let Some(inside) = rest.strip_prefix(mark) else {
                continue;
            };
            let before = self.text[..at].chars().next_back();
            let is_word = mark.starts_with('_') && before.is_some_and(char::is_alphanumeric);
            // A path such as `/cache/*, ` is not emphasis.
            if is_word || inside.starts_with([' ', '\n', ',', '.', ';', ':', ')']) {
                return Ok(None);
            }
            let Some(end) = end_of_emphasis(inside, mark) else {
                continue;
            };
            write!(f, "<{tag}>{}</{tag}>", self.inner(&inside[..end]))?;
            return Ok(Some(&inside[end + mark.len()..]));
        }
        Ok(None)
    }

    /// `[text](https://..)`; a link to anything else is its text, and so is `` [`Name`] ``.
    fn link(&self, rest: &'a str, f: &mut Formatter<'_>) -> Result<Option<&'a str>, fmt::Error> {
        let Some(end) = end_of_brackets(rest, b'[', b']') else {
            return Ok(None);
        };
        let (text, after) = (&rest[1..end], &rest[end + 1..]);
        if after.starts_with('(')
            && let Some(end) = end_of_brackets(after, b'(', b')')
        {
            let target = after[1..end].trim();
            let text = Self {
                has_links: false, // no link within a link
                ..self.inner(text)
            };
            self.anchor(target, text, f)?;
            return Ok(Some(&after[end + 1..]));
        }
        let is_name = text.len() > 2 && text.starts_with('`') && text.ends_with('`');
        if is_name && !after.starts_with('[') {
            self.inner(text).fmt(f)?;
            return Ok(Some(after));
        }
        Ok(None)
    }

    /// `<https://..>`
    fn autolink(
        &self,
        rest: &'a str,
        f: &mut Formatter<'_>,
    ) -> Result<Option<&'a str>, fmt::Error> {
        let end = rest.find(['>', ' ', '\n']);
        let Some(end) = end.filter(|end| rest.as_bytes()[*end] == b'>') else {
            return Ok(None);
        };
        let target = &rest[1..end];
        if !is_web_address(target) {
            return Ok(None);
        }
        self.anchor(target, Escaped(target), f)?;
        Ok(Some(&rest[end + 1..]))
    }

    fn anchor(&self, target: &str, text: impl Display, f: &mut Formatter<'_>) -> fmt::Result {
        if self.has_links && is_web_address(target) {
            let target = Escaped(target);
            write!(
                f,
                "<a href=\"{target}\" rel=\"noopener noreferrer\">{text}</a>"
            )
        } else {
            text.fmt(f)
        }
    }
}

impl Display for MarkdownLine<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = self.text;
        if self.depth > MAX_DEPTH || text.len() > MAX_BYTES {
            return Escaped(text).fmt(f);
        }
        let (mut shown, mut from) = (0, 0);
        while let Some(found) = text[from..].find(['\\', '`', '<', '[', '*', '_']) {
            let at = from + found;
            write!(f, "{}", Escaped(&text[shown..at]))?;
            match self.markup(at, f)? {
                Some(rest) => {
                    shown = text.len() - rest.len();
                    from = shown;
                }
                None => {
                    // The whole run of marks, so that `***` is not read as `*` and `**`.
                    let mark = text.as_bytes()[at];
                    let run = text.as_bytes()[at..].iter();
                    shown = at;
                    from = at + run.take_while(|byte| **byte == mark).count();
                }
            }
        }
        Escaped(&text[shown..]).fmt(f)
    }
}

/// `\*` as `*`.
fn escaped_character<'a>(
    rest: &'a str,
    f: &mut Formatter<'_>,
) -> Result<Option<&'a str>, fmt::Error> {
    let Some(next) = rest[1..].chars().next().filter(char::is_ascii_punctuation) else {
        return Ok(None);
    };
    let (character, after) = rest[1..].split_at(next.len_utf8());
    Escaped(character).fmt(f)?;
    Ok(Some(after))
}

/// A code span, without the space at both ends that lets it begin with a backtick.
fn code<'a>(rest: &'a str, f: &mut Formatter<'_>) -> Result<Option<&'a str>, fmt::Error> {
    let Some((code, after)) = code_span(rest) else {
        return Ok(None);
    };
    let without_spaces = code
        .strip_prefix(' ')
        .and_then(|code| code.strip_suffix(' '));
    let shown = without_spaces.filter(|code| !code.trim().is_empty());
    write!(f, "<code>{}</code>", Escaped(shown.unwrap_or(code)))?;
    Ok(Some(after))
}
