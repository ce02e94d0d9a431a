//! The start value, in the notation of `RUST_LOG`.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use admin_runtime::text::excerpt;
use tracing::level_filters::LevelFilter;

use super::level::ConfiguredLevel;
use super::limits::{MAX_CONFIGURED_LOGGERS, MAX_QUOTED_CHARS};
use super::name::{InvalidName, LoggerName, ROOT_LOGGER};

/// Characters of filters on spans and fields, and of regular expressions.
const UNSUPPORTED_CHARACTERS: &[char] = &[
    '[', ']', '{', '}', '/', '(', ')', '|', '^', '$', '?', '+', '\\', '"', '\'', '%',
];

/// The levels that a start value configures.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LevelSpec {
    pub(super) root: LevelFilter,
    pub(super) loggers: Vec<(LoggerName, LevelFilter)>,
}

impl FromStr for LevelSpec {
    type Err = SpecError;

    /// Reads directives separated by commas: `level` for the root, `logger=level`, and `logger`
    /// for everything of that logger. Of two directives for one logger the last one is used. The
    /// root is at `INFO` if no directive sets it.
    fn from_str(given: &str) -> Result<Self, SpecError> {
        let mut spec = Self {
            root: LevelFilter::INFO,
            loggers: Vec::new(),
        };
        let mut seen = HashSet::new();
        let mut end = 0;
        for part in given.split(',') {
            let start = end + part.len() - part.trim_start().len();
            end += part.len() + 1;
            let directive = part.trim();
            if directive.is_empty() {
                continue;
            }
            spec.add(directive, &mut seen)
                .map_err(|problem| SpecError {
                    directive: excerpt(directive, MAX_QUOTED_CHARS).to_string().into(),
                    position: given[..start].chars().count() + 1,
                    problem,
                })?;
        }
        Ok(spec)
    }
}

impl LevelSpec {
    /// `seen` has the names of the directives before this one.
    fn add(&mut self, directive: &str, seen: &mut HashSet<LoggerName>) -> Result<(), SpecProblem> {
        if directive.contains(UNSUPPORTED_CHARACTERS) {
            return Err(SpecProblem::Unsupported);
        }
        let is_separator = |c: char| c == ';' || c.is_whitespace();
        let (left, right) = directive.split_once('=').unwrap_or((directive, ""));
        if left.trim().contains(is_separator) || right.trim().contains(is_separator) {
            return Err(SpecProblem::Separator);
        }
        if directive.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SpecProblem::Level);
        }
        let (name, level) = match directive.split_once('=') {
            Some((name, level)) => (name.trim(), parse_level(level.trim())?),
            None => match directive.parse() {
                Ok(ConfiguredLevel::Set(level)) => (ROOT_LOGGER, level),
                Ok(ConfiguredLevel::NotSet) => return Err(SpecProblem::Level),
                Err(_) => (directive, LevelFilter::TRACE),
            },
        };
        let name: LoggerName = name.parse().map_err(SpecProblem::Name)?;
        if name.canonical().is_empty() {
            self.root = level;
            return Ok(());
        }
        if !seen.insert(name.clone()) {
            self.loggers.retain(|(other, _)| *other != name);
        }
        if self.loggers.len() == MAX_CONFIGURED_LOGGERS {
            return Err(SpecProblem::TooMany);
        }
        self.loggers.push((name, level));
        Ok(())
    }
}

fn parse_level(given: &str) -> Result<LevelFilter, SpecProblem> {
    given
        .parse()
        .ok()
        .and_then(ConfiguredLevel::level)
        .ok_or(SpecProblem::Level)
}

/// A start value that cannot be parsed. Its message quotes the directive and says what is valid.
///
/// ```
/// use admin_endpoints::loglevel::LogLevels;
///
/// assert_eq!(
///     LogLevels::from_spec("info,cache=loud").unwrap_err().to_string(),
///     "invalid log directive `cache=loud`: \
///      the level must be one of trace, debug, info, warn, error, off"
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SpecError {
    directive: Box<str>,
    position: usize,
    problem: SpecProblem,
}

impl SpecError {
    /// Where the directive begins: the number of its first character, the first of the text is 1.
    ///
    /// ```
    /// use admin_endpoints::loglevel::LogLevels;
    ///
    /// assert_eq!(LogLevels::from_spec("info, cache=loud").unwrap_err().position(), 7);
    /// ```
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum SpecProblem {
    Level,
    Name(InvalidName),
    Unsupported,
    Separator,
    TooMany,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid log directive `{}`: ", self.directive)?;
        match &self.problem {
            SpecProblem::Level => {
                f.write_str("the level must be one of trace, debug, info, warn, error, off")
            }
            SpecProblem::Name(error) => error.fmt(f),
            SpecProblem::Unsupported => f.write_str(
                "filters on spans, fields or messages are not supported, write `logger=level`",
            ),
            SpecProblem::Separator => {
                f.write_str("directives are separated by commas, write `a=debug,b=info`")
            }
            SpecProblem::TooMany => {
                write!(f, "at most {MAX_CONFIGURED_LOGGERS} loggers can be named")
            }
        }
    }
}

// `main` prints errors with Debug: show the text that helps.
impl fmt::Debug for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for SpecError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            SpecProblem::Name(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(given: &str) -> (LevelFilter, Vec<(String, LevelFilter)>) {
        let spec: LevelSpec = given.parse().unwrap();
        let loggers = spec.loggers.into_iter();
        let loggers = loggers.map(|(name, level)| (name.to_string(), level));
        (spec.root, loggers.collect())
    }

    #[test]
    fn directives_are_read_as_in_rust_log() {
        assert_eq!(parse(""), (LevelFilter::INFO, vec![]));
        assert_eq!(
            parse("warn, warp=WARN,lmcache::v1 = debug,,hyper"),
            (
                LevelFilter::WARN,
                vec![
                    ("warp".into(), LevelFilter::WARN),
                    ("lmcache::v1".into(), LevelFilter::DEBUG),
                    ("hyper".into(), LevelFilter::TRACE),
                ]
            )
        );
        assert_eq!(parse("root=error"), (LevelFilter::ERROR, vec![]));
        assert_eq!(
            parse("a.b=info,a::b=off").1,
            [("a::b".into(), LevelFilter::OFF)]
        );
    }

    #[test]
    fn invalid_directives_are_quoted() {
        let text = |given: &str| given.parse::<LevelSpec>().unwrap_err().to_string();
        assert_eq!(
            text("info,warp=loud"),
            "invalid log directive `warp=loud`: the level must be one of trace, debug, info, warn, \
             error, off"
        );
        assert!(text("a=notset").contains("must be one of"));
        assert!(text("notset").contains("must be one of"));
        assert!(text("a[span{x=1}]=debug").contains("not supported"));
        assert!(text("info/regex").contains("not supported"));
        assert!(text("=debug").contains("it is empty"));
    }

    #[test]
    fn positions_count_characters() {
        for (given, position) in [
            ("x=loud", 1),
            ("info,x=loud", 6),
            (" info , ,  x=loud,debug", 12),
            ("größe=info,x=loud", 12),
            (",,x=loud", 3),
        ] {
            let error = given.parse::<LevelSpec>().unwrap_err();
            assert_eq!(error.position(), position, "{given}");
        }
    }

    proptest! {
        #[test]
        fn no_start_value_panics(given in any::<String>()) {
            let _ = given.parse::<LevelSpec>();
        }
    }
}
