//! Names of loggers: `.` and `::` are the same separator, the root is `root`, and a trailing `*`
//! makes a family.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use admin_runtime::Param;
use admin_runtime::text::excerpt;

use super::limits::{MAX_NAME_BYTES, MAX_QUOTED_CHARS};

/// The name under which the root logger is shown and set.
pub(super) const ROOT_LOGGER: &str = "root";

/// The name of a logger or of a family of loggers, as it was written.
///
/// `a.b` and `a::b` are the same logger, and names are equal if they name the same logger. `a.b*`
/// is the family of all loggers that begin with `a.b`; `*` alone is `root`.
///
/// ```
/// use admin_endpoints::loglevel::LoggerName;
///
/// let name: LoggerName = "lmcache::v1".parse()?;
/// assert_eq!(name, "lmcache.v1".parse()?);
/// assert_eq!(name.to_string(), "lmcache::v1");
/// assert_eq!("*".parse::<LoggerName>()?.as_str(), "root");
/// assert!("a\nb".parse::<LoggerName>().is_err());
/// # Ok::<(), admin_endpoints::loglevel::InvalidName>(())
/// ```
#[derive(Clone, Debug)]
pub struct LoggerName {
    given: Box<str>,
    /// With `.` for every separator and the root as the empty string.
    canonical: Box<str>,
}

impl LoggerName {
    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.given
    }

    /// The spelling that all names of this logger have in common.
    pub(super) fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Whether a target can be listed: a record of `log` can have any text as its target.
    pub(super) fn is_listable(target: &str) -> bool {
        (1..=MAX_NAME_BYTES).contains(&target.len())
            && target.trim() == target
            && !target.chars().any(|c| c.is_control() || is_invisible(c))
    }
}

impl FromStr for LoggerName {
    type Err = InvalidName;

    fn from_str(given: &str) -> Result<Self, InvalidName> {
        let quoted = || excerpt(given, MAX_QUOTED_CHARS).to_string().into();
        if given.is_empty() {
            return Err(InvalidName::Empty);
        }
        if given.len() > MAX_NAME_BYTES {
            return Err(InvalidName::TooLong { bytes: given.len() });
        }
        if given.chars().any(char::is_control) {
            return Err(InvalidName::ControlCharacter { given: quoted() });
        }
        if given.chars().any(is_invisible) {
            return Err(InvalidName::InvisibleCharacter { given: quoted() });
        }
        if given.trim() != given {
            return Err(InvalidName::OuterWhitespace { given: quoted() });
        }
        if given.strip_suffix('*').unwrap_or(given).contains('*') {
            return Err(InvalidName::StarInside { given: quoted() });
        }
        if given == "*" {
            return ROOT_LOGGER.parse();
        }
        Ok(Self {
            given: given.into(),
            canonical: canonical(given).into(),
        })
    }
}

impl Param for LoggerName {
    const EXPECTED: &'static str = "a logger such as a.b or a::b, root, or a family such as a.b*";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn error_message(text: &str) -> Option<String> {
        text.parse::<Self>().err().map(|error| error.to_string())
    }
}

impl fmt::Display for LoggerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.given)
    }
}

impl PartialEq for LoggerName {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for LoggerName {}

impl Hash for LoggerName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical.hash(state);
    }
}

/// The canonical spelling of a name: `.` for every separator, the root as the empty string.
pub(super) fn canonical(name: &str) -> Cow<'_, str> {
    match name {
        ROOT_LOGGER => Cow::Borrowed(""),
        _ if name.contains("::") => Cow::Owned(name.replace("::", ".")),
        _ => Cow::Borrowed(name),
    }
}

/// Whether fonts show a character as nothing, or it changes the direction of what follows: the
/// default ignorable and the format characters of Unicode, its line separators, and blank letters.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The parts of a name between its separators, from the root down; none for the empty name.
pub(super) fn segments(name: &str) -> Segments<'_> {
    Segments {
        rest: (!name.is_empty()).then_some(name),
    }
}

/// See [`segments`].
#[derive(Clone, Debug)]
pub(super) struct Segments<'a> {
    rest: Option<&'a str>,
}

impl Segments<'_> {
    /// Whether the segment returned last was the last one.
    pub(super) fn is_done(&self) -> bool {
        self.rest.is_none()
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let name = self.rest?;
        let bytes = name.as_bytes();
        let mut at = 0;
        while let Some(step) = bytes[at..]
            .iter()
            .position(|byte| matches!(byte, b'.' | b':'))
        {
            at += step;
            let width = match &bytes[at..] {
                [b'.', ..] => 1,
                [b':', b':', ..] => 2,
                _ => {
                    at += 1;
                    continue;
                }
            };
            self.rest = Some(&name[at + width..]);
            return Some(&name[..at]);
        }
        self.rest.take()
    }
}

/// Why a text is not the name of a logger. Texts are repeated shortened and escaped.
///
/// ```
/// use admin_endpoints::loglevel::{InvalidName, LoggerName};
///
/// assert_eq!("".parse::<LoggerName>().unwrap_err(), InvalidName::Empty);
/// assert_eq!(
///     "a*b".parse::<LoggerName>().unwrap_err().to_string(),
///     "Invalid logger name: `a*b` has a `*` that is not at its end \
///      (`a.b*` sets every logger that begins with `a.b`)"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidName {
    /// It has no characters.
    Empty,
    /// It is longer than [`MAX_NAME_BYTES`].
    #[non_exhaustive]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It has a control character, which could forge a line of the list or of the log.
    #[non_exhaustive]
    ControlCharacter {
        /// The name.
        given: Box<str>,
    },
    /// It has an invisible or bidirectional character, and could look like another name.
    #[non_exhaustive]
    InvisibleCharacter {
        /// The name.
        given: Box<str>,
    },
    /// It is blank, or begins or ends with white space.
    #[non_exhaustive]
    OuterWhitespace {
        /// The name.
        given: Box<str>,
    },
    /// It has a `*` that is not its last character.
    #[non_exhaustive]
    StarInside {
        /// The name.
        given: Box<str>,
    },
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Invalid logger name: ")?;
        match self {
            Self::Empty => write!(f, "it is empty (the root logger is `{ROOT_LOGGER}`)"),
            Self::TooLong { bytes } => {
                write!(f, "{bytes} bytes, at most {MAX_NAME_BYTES} are allowed")
            }
            Self::ControlCharacter { given } => write!(f, "`{given}` has a control character"),
            Self::InvisibleCharacter { given } => {
                write!(f, "`{given}` has an invisible or bidirectional character")
            }
            Self::OuterWhitespace { given } => {
                write!(f, "`{given}` is blank or begins or ends with white space")
            }
            Self::StarInside { given } => write!(
                f,
                "`{given}` has a `*` that is not at its end \
                 (`a.b*` sets every logger that begins with `a.b`)"
            ),
        }
    }
}

impl std::error::Error for InvalidName {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(given: &str) -> Result<LoggerName, InvalidName> {
        given.parse()
    }

    #[test]
    fn both_separators_name_the_same_logger() {
        for name in ["lmcache.v1.x", "lmcache::v1::x", "lmcache::v1.x"] {
            assert_eq!(canonical(name), "lmcache.v1.x");
            assert_eq!(segments(name).collect::<Vec<_>>(), ["lmcache", "v1", "x"]);
            assert_eq!(parse(name), parse("lmcache.v1.x"));
        }
        assert_eq!(segments(&canonical("root")).count(), 0);
    }

    #[test]
    fn invalid_names_say_why() {
        let text = |given: &str| parse(given).unwrap_err().to_string();
        assert_eq!(
            text(""),
            "Invalid logger name: it is empty (the root logger is `root`)"
        );
        assert_eq!(
            text(&"x".repeat(513)),
            "Invalid logger name: 513 bytes, at most 512 are allowed"
        );
        assert_eq!(
            text("a\nb"),
            "Invalid logger name: `a\\nb` has a control character"
        );
        assert!(text("a*b").contains("not at its end"));
        assert!(text("**").contains("not at its end"));
        assert!(parse(&"x".repeat(512)).is_ok());
    }

    #[test]
    fn names_that_look_like_others_are_refused() {
        for given in [" ", "\u{a0}", "\u{3000}", " a", "a ", "a\u{2003}"] {
            let error = parse(given).unwrap_err();
            assert!(
                matches!(error, InvalidName::OuterWhitespace { .. }),
                "{error}"
            );
            assert!(!LoggerName::is_listable(given), "{given:?}");
        }
        for given in [
            "a\u{202e}b",
            "a\u{2066}b",
            "\u{200b}",
            "a\u{ad}",
            "\u{feff}a",
            "a\u{e0041}",
            "\u{3164}",
        ] {
            let error = parse(given).unwrap_err();
            assert!(
                matches!(error, InvalidName::InvisibleCharacter { .. }),
                "{error}"
            );
            assert!(error.to_string().is_ascii(), "{error}");
            assert!(!LoggerName::is_listable(given), "{given:?}");
        }
    }

    #[test]
    fn blanks_inside_and_other_scripts_are_allowed() {
        for given in ["my logger", "größe", "ログ", "a\u{a0}b", "e\u{301}"] {
            assert_eq!(parse(given).unwrap().as_str(), given);
        }
    }

    #[test]
    fn star_alone_is_the_root() {
        assert_eq!(parse("*"), parse("root"));
    }

    proptest! {
        #[test]
        fn segments_are_parts_of_the_canonical_name(name in "[ab.:]{1,12}") {
            let expected: Vec<String> =
                canonical(&name).split('.').map(str::to_owned).collect();
            let got: Vec<String> = segments(&name).map(str::to_owned).collect();
            prop_assert_eq!(got, expected);
        }

        #[test]
        fn every_name_that_parses_is_listable(name in any::<String>()) {
            if let Ok(name) = parse(&name) {
                prop_assert!(LoggerName::is_listable(name.as_str()));
            }
        }
    }
}
