//! The names of levels: what is accepted and what is printed.

use std::fmt;
use std::str::FromStr;

use admin_runtime::Param;
use admin_runtime::text::excerpt;
use serde::{Serialize, Serializer};
use tracing::Level;
use tracing::level_filters::LevelFilter;

use super::limits::MAX_QUOTED_CHARS;

/// What a logger is configured to: a level of its own, or none, so that it inherits.
///
/// Reads the names of Python and of Rust in any case: `TRACE`, `DEBUG`, `INFO`, `WARNING` or
/// `WARN`, `ERROR`, `CRITICAL` or `FATAL` (both act as `ERROR`), `OFF`, and `NOTSET`. Prints
/// `TRACE DEBUG INFO WARNING ERROR OFF NOTSET`.
///
/// ```
/// use admin_endpoints::loglevel::ConfiguredLevel;
///
/// assert_eq!("warn".parse::<ConfiguredLevel>()?.to_string(), "WARNING");
/// assert_eq!("Critical".parse::<ConfiguredLevel>()?.to_string(), "ERROR");
/// let error = "LOUD".parse::<ConfiguredLevel>().unwrap_err();
/// assert_eq!(error.to_string(), "Invalid log level: LOUD");
/// # Ok::<(), admin_endpoints::loglevel::InvalidLevel>(())
/// ```
///
/// A level is set or it is not: this enum will have no further variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfiguredLevel {
    /// The logger has this level.
    Set(LevelFilter),
    /// The logger has the level of its nearest parent, and the root the one it started with.
    NotSet,
}

impl ConfiguredLevel {
    /// The level, or `None` for `NOTSET`.
    ///
    /// ```
    /// use admin_endpoints::loglevel::ConfiguredLevel;
    /// use tracing::level_filters::LevelFilter;
    ///
    /// assert_eq!("off".parse::<ConfiguredLevel>()?.level(), Some(LevelFilter::OFF));
    /// assert_eq!("notset".parse::<ConfiguredLevel>()?.level(), None);
    /// # Ok::<(), admin_endpoints::loglevel::InvalidLevel>(())
    /// ```
    #[must_use]
    pub fn level(self) -> Option<LevelFilter> {
        match self {
            Self::Set(level) => Some(level),
            Self::NotSet => None,
        }
    }
}

impl From<Option<LevelFilter>> for ConfiguredLevel {
    fn from(level: Option<LevelFilter>) -> Self {
        level.map_or(Self::NotSet, Self::Set)
    }
}

/// The accepted names, in upper case.
const LEVEL_NAMES: [(&str, ConfiguredLevel); 10] = [
    ("TRACE", ConfiguredLevel::Set(LevelFilter::TRACE)),
    ("DEBUG", ConfiguredLevel::Set(LevelFilter::DEBUG)),
    ("INFO", ConfiguredLevel::Set(LevelFilter::INFO)),
    ("WARNING", ConfiguredLevel::Set(LevelFilter::WARN)),
    ("WARN", ConfiguredLevel::Set(LevelFilter::WARN)),
    ("ERROR", ConfiguredLevel::Set(LevelFilter::ERROR)),
    ("CRITICAL", ConfiguredLevel::Set(LevelFilter::ERROR)),
    ("FATAL", ConfiguredLevel::Set(LevelFilter::ERROR)),
    ("OFF", ConfiguredLevel::Set(LevelFilter::OFF)),
    ("NOTSET", ConfiguredLevel::NotSet),
];

impl FromStr for ConfiguredLevel {
    type Err = InvalidLevel;

    fn from_str(given: &str) -> Result<Self, InvalidLevel> {
        LEVEL_NAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(given))
            .map(|&(_, level)| level)
            .ok_or_else(|| InvalidLevel {
                given: excerpt(given, MAX_QUOTED_CHARS).to_string().into(),
            })
    }
}

impl Param for ConfiguredLevel {
    const EXPECTED: &'static str = "one of TRACE, DEBUG, INFO, WARNING, ERROR, OFF, NOTSET";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn error_message(text: &str) -> Option<String> {
        text.parse::<Self>().err().map(|error| error.to_string())
    }
}

impl fmt::Display for ConfiguredLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Set(level) => level_name(*level),
            Self::NotSet => "NOTSET",
        })
    }
}

impl Serialize for ConfiguredLevel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The name that is printed for a level: Python's, and `TRACE` and `OFF`.
pub(super) fn level_name(level: LevelFilter) -> &'static str {
    match level.into_level() {
        None => "OFF",
        Some(Level::ERROR) => "ERROR",
        Some(Level::WARN) => "WARNING",
        Some(Level::INFO) => "INFO",
        Some(Level::DEBUG) => "DEBUG",
        Some(Level::TRACE) => "TRACE",
    }
}

/// A text that is not the name of a level. Its message repeats the text, shortened and escaped.
///
/// ```
/// use admin_endpoints::loglevel::ConfiguredLevel;
///
/// let error = "LOUD\n".parse::<ConfiguredLevel>().unwrap_err();
/// assert_eq!(error.to_string(), r"Invalid log level: LOUD\n");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidLevel {
    given: Box<str>,
}

impl fmt::Display for InvalidLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invalid log level: {}", self.given)
    }
}

impl std::error::Error for InvalidLevel {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_accepted_in_any_case() {
        for (given, printed) in [
            ("trace", "TRACE"),
            ("Debug", "DEBUG"),
            ("info", "INFO"),
            ("warn", "WARNING"),
            ("WARNING", "WARNING"),
            ("error", "ERROR"),
            ("CRITICAL", "ERROR"),
            ("fatal", "ERROR"),
            ("off", "OFF"),
            ("NotSet", "NOTSET"),
        ] {
            let level: ConfiguredLevel = given.parse().unwrap();
            assert_eq!(level.to_string(), printed, "{given}");
        }
    }

    #[test]
    fn invalid_names_are_repeated_in_the_error() {
        for given in ["INVALID_LEVEL", "", " INFO", "10", "wärning", "\"x\""] {
            let error = given.parse::<ConfiguredLevel>().unwrap_err();
            assert_eq!(error.to_string(), format!("Invalid log level: {given}"));
        }
        let error = "x".repeat(9000).parse::<ConfiguredLevel>().unwrap_err();
        let expected = format!("Invalid log level: {}...", "x".repeat(MAX_QUOTED_CHARS));
        assert_eq!(error.to_string(), expected);
    }
}
