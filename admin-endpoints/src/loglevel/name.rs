//! Names of loggers: `.` and `::` are one separator, the root is `root`, a trailing `*` makes a family.

use std::borrow::Cow;
use std::fmt;

use super::quote::on_one_line;

/// The name under which the root logger is shown and set.
pub(super) const ROOT: &str = "root";

/// The longest name that can be set or listed, in bytes.
///
/// ```
/// use admin_endpoints::loglevel::{LogLevels, MAX_NAME_BYTES};
///
/// let levels = LogLevels::from_spec("info")?;
/// let longest = "a".repeat(MAX_NAME_BYTES);
/// assert!(levels.logger(&longest).is_ok());
/// assert!(levels.logger(&(longest + "a")).is_err());
/// # Ok::<(), admin_endpoints::loglevel::SpecError>(())
/// ```
pub const MAX_NAME_BYTES: usize = 512;

/// A name as someone wrote it, known to be one that can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LoggerName {
    /// As written, for the answer.
    pub(super) written: Box<str>,
    /// With `.` for every separator and the root as the empty string: equal for two spellings of one logger.
    pub(super) canonical: Box<str>,
}

impl LoggerName {
    /// Reads the name of a logger (`a::b`, `a.b`, `root`) or of a family (`a.b*`, `a.b.*`; `*` alone is the root).
    pub(super) fn parse(given: &str) -> Result<Self, InvalidName> {
        if given.is_empty() {
            return Err(InvalidName::Empty);
        }
        if given.len() > MAX_NAME_BYTES {
            return Err(InvalidName::TooLong { bytes: given.len() });
        }
        if given.chars().any(char::is_control) {
            return Err(InvalidName::ControlCharacter {
                given: on_one_line(given),
            });
        }
        if given.strip_suffix('*').unwrap_or(given).contains('*') {
            return Err(InvalidName::StarInside {
                given: given.into(),
            });
        }
        if given == "*" {
            return Ok(LoggerName {
                written: ROOT.into(),
                canonical: "".into(),
            });
        }
        Ok(LoggerName {
            written: given.into(),
            canonical: canonical(given).into(),
        })
    }

    /// Whether this is a target that the list can show; a log record may carry any text as its target.
    pub(super) fn is_listable(target: &str) -> bool {
        (1..=MAX_NAME_BYTES).contains(&target.len()) && !target.chars().any(char::is_control)
    }
}

/// The one spelling of a name: `.` for every separator, the root as the empty string.
pub(super) fn canonical(name: &str) -> Cow<'_, str> {
    match name {
        ROOT => Cow::Borrowed(""),
        _ if name.contains("::") => Cow::Owned(name.replace("::", ".")),
        _ => Cow::Borrowed(name),
    }
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
    /// Whether the part that came last was the last one.
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

/// Why a name cannot be set.
///
/// ```
/// use admin_endpoints::loglevel::{InvalidName, LogLevels};
///
/// let levels = LogLevels::from_spec("info")?;
/// assert_eq!(levels.logger("").unwrap_err(), InvalidName::Empty);
/// assert_eq!(
///     levels.logger("a*b").unwrap_err().to_string(),
///     "Invalid logger name: `a*b` has a `*` that is not at its end \
///      (`a.b*` sets every logger that begins with `a.b`)"
/// );
/// # Ok::<(), admin_endpoints::loglevel::SpecError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidName {
    /// It has no characters.
    Empty,
    /// It is longer than [`MAX_NAME_BYTES`].
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It has a control character, which could forge a line of the list or of the log.
    ControlCharacter {
        /// The name, escaped.
        given: Box<str>,
    },
    /// It has a `*` elsewhere than at its end.
    StarInside {
        /// The name.
        given: Box<str>,
    },
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InvalidName::Empty => {
                write!(
                    f,
                    "Invalid logger name: it is empty (the root logger is `{ROOT}`)"
                )
            }
            InvalidName::TooLong { bytes } => {
                write!(
                    f,
                    "Invalid logger name: {bytes} bytes, at most {MAX_NAME_BYTES} are allowed"
                )
            }
            InvalidName::ControlCharacter { given } => {
                write!(f, "Invalid logger name: `{given}` has a control character")
            }
            InvalidName::StarInside { given } => write!(
                f,
                "Invalid logger name: `{given}` has a `*` that is not at its end (`a.b*` sets every logger that begins with `a.b`)"
            ),
        }
    }
}

impl std::error::Error for InvalidName {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_separators_name_one_logger() {
        for name in ["lmcache.v1.x", "lmcache::v1::x", "lmcache::v1.x"] {
            assert_eq!(canonical(name), "lmcache.v1.x");
            assert_eq!(segments(name).collect::<Vec<_>>(), ["lmcache", "v1", "x"]);
        }
        assert_eq!(segments(&canonical("root")).count(), 0);
    }

    #[test]
    fn a_name_that_cannot_be_set_says_why() {
        let text = |given: &str| LoggerName::parse(given).unwrap_err().to_string();
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
        assert!(LoggerName::parse(&"x".repeat(512)).is_ok());
    }

    #[test]
    fn a_star_alone_is_the_root() {
        assert_eq!(
            LoggerName::parse("*").unwrap(),
            LoggerName::parse("root").unwrap()
        );
    }

    #[test]
    fn a_name_may_end_inside_a_wide_character() {
        assert_eq!(&*LoggerName::parse("größe").unwrap().canonical, "größe");
    }

    proptest! {
        #[test]
        fn segments_are_the_parts_of_the_canonical_name(name in "[ab.:]{1,12}") {
            let expected: Vec<String> =
                canonical(&name).split('.').map(str::to_owned).collect();
            let got: Vec<String> = segments(&name).map(str::to_owned).collect();
            prop_assert_eq!(got, expected);
        }

        #[test]
        fn no_name_panics(name in any::<String>()) {
            let _ = LoggerName::parse(&name);
        }
    }
}
