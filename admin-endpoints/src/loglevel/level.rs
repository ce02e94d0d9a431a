//! The words for levels: what is accepted, and what is printed.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use tracing::level_filters::LevelFilter;

use super::quote::on_one_line;

/// What a logger can be set to: a level of its own, or none, so that it inherits.
///
/// Reads the words of Python and of Rust in any case: `TRACE`, `DEBUG`, `INFO`, `WARNING` or
/// `WARN`, `ERROR`, `CRITICAL` or `FATAL` (both act as `ERROR`), `OFF`, and `NOTSET`. Prints
/// `TRACE DEBUG INFO WARNING ERROR OFF NOTSET`.
///
/// ```
/// use admin_endpoints::loglevel::Setting;
///
/// assert_eq!("warn".parse::<Setting>()?.to_string(), "WARNING");
/// assert_eq!("Critical".parse::<Setting>()?.to_string(), "ERROR");
/// assert_eq!("LOUD".parse::<Setting>().unwrap_err().to_string(), "Invalid log level: LOUD");
/// # Ok::<(), admin_endpoints::loglevel::InvalidLevel>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The logger's own level.
    At(LevelFilter),
    /// No level of its own: the nearest parent's holds, and for the root the one it started with.
    NotSet,
}

impl Setting {
    /// The level, or `None` for `NOTSET`.
    ///
    /// ```
    /// use admin_endpoints::loglevel::Setting;
    /// use tracing::level_filters::LevelFilter;
    ///
    /// assert_eq!("off".parse::<Setting>()?.level(), Some(LevelFilter::OFF));
    /// assert_eq!("notset".parse::<Setting>()?.level(), None);
    /// # Ok::<(), admin_endpoints::loglevel::InvalidLevel>(())
    /// ```
    pub fn level(self) -> Option<LevelFilter> {
        match self {
            Setting::At(level) => Some(level),
            Setting::NotSet => None,
        }
    }
}

impl From<Option<LevelFilter>> for Setting {
    fn from(level: Option<LevelFilter>) -> Self {
        level.map_or(Setting::NotSet, Setting::At)
    }
}

impl FromStr for Setting {
    type Err = InvalidLevel;

    fn from_str(given: &str) -> Result<Self, InvalidLevel> {
        const WORDS: [(&str, Setting); 10] = [
            ("TRACE", Setting::At(LevelFilter::TRACE)),
            ("DEBUG", Setting::At(LevelFilter::DEBUG)),
            ("INFO", Setting::At(LevelFilter::INFO)),
            ("WARNING", Setting::At(LevelFilter::WARN)),
            ("WARN", Setting::At(LevelFilter::WARN)),
            ("ERROR", Setting::At(LevelFilter::ERROR)),
            ("CRITICAL", Setting::At(LevelFilter::ERROR)),
            ("FATAL", Setting::At(LevelFilter::ERROR)),
            ("OFF", Setting::At(LevelFilter::OFF)),
            ("NOTSET", Setting::NotSet),
        ];
        WORDS
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(given))
            .map(|&(_, setting)| setting)
            .ok_or_else(|| InvalidLevel {
                given: on_one_line(given),
            })
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Setting::At(level) => word(*level),
            Setting::NotSet => "NOTSET",
        })
    }
}

impl Serialize for Setting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The word that the document prints for `level`.
pub(super) fn word(level: LevelFilter) -> &'static str {
    match level.into_level() {
        None => "OFF",
        Some(tracing::Level::ERROR) => "ERROR",
        Some(tracing::Level::WARN) => "WARNING",
        Some(tracing::Level::INFO) => "INFO",
        Some(tracing::Level::DEBUG) => "DEBUG",
        Some(tracing::Level::TRACE) => "TRACE",
    }
}

/// A word that names no level. Prints `Invalid log level: ` and the word as it was given,
/// control characters escaped.
///
/// ```
/// use admin_endpoints::loglevel::Setting;
///
/// let error = "LOUD\n".parse::<Setting>().unwrap_err();
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
    fn every_word_is_read_in_any_case_and_printed_in_the_documents_words() {
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
            assert_eq!(
                given.parse::<Setting>().unwrap().to_string(),
                printed,
                "{given}"
            );
        }
    }

    #[test]
    fn anything_else_is_echoed_as_it_was_sent() {
        for given in ["INVALID_LEVEL", "", " INFO", "10", "wärning", "\"x\""] {
            let error = given.parse::<Setting>().unwrap_err();
            assert_eq!(error.to_string(), format!("Invalid log level: {given}"));
        }
    }
}
