//! The start value, in the notation of `RUST_LOG`.

use std::fmt;

use tracing::level_filters::LevelFilter;

use super::level::Setting;
use super::name::{InvalidName, LoggerName, ROOT};
use super::table::MAX_HAND_SET;

/// What a start value asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) root: LevelFilter,
    pub(super) loggers: Vec<(LoggerName, LevelFilter)>,
}

/// Reads directives separated by commas: `level` for the root, `logger=level`, and `logger` for
/// everything of that logger. The last one counts where two name one logger. The root is at `INFO`
/// when nothing is said of it.
pub(super) fn parse(given: &str) -> Result<Spec, SpecError> {
    let mut spec = Spec {
        root: LevelFilter::INFO,
        loggers: Vec::new(),
    };
    for directive in given
        .split(',')
        .map(str::trim)
        .filter(|directive| !directive.is_empty())
    {
        let fail = |reason| SpecError {
            directive: directive.into(),
            reason,
        };
        if directive.contains(['[', ']', '{', '}', '/']) {
            return Err(fail(Reason::Unsupported));
        }
        let (name, level) = match directive.split_once('=') {
            Some((name, level)) => (name.trim(), read_level(level).map_err(fail)?),
            None => match directive.parse() {
                Ok(Setting::At(level)) => (ROOT, level),
                Ok(Setting::NotSet) => return Err(fail(Reason::Level)),
                Err(_) => (directive, LevelFilter::TRACE),
            },
        };
        let name = LoggerName::parse(name).map_err(|error| fail(Reason::Name(error)))?;
        if name.canonical.is_empty() {
            spec.root = level;
            continue;
        }
        spec.loggers
            .retain(|(other, _)| other.canonical != name.canonical);
        if spec.loggers.len() == MAX_HAND_SET {
            return Err(fail(Reason::TooMany));
        }
        spec.loggers.push((name, level));
    }
    Ok(spec)
}

fn read_level(given: &str) -> Result<LevelFilter, Reason> {
    let setting: Setting = given.trim().parse().map_err(|_| Reason::Level)?;
    setting.level().ok_or(Reason::Level)
}

/// A start value that cannot be read; the text quotes the directive and says what would be valid.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    directive: Box<str>,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Level,
    Name(InvalidName),
    Unsupported,
    TooMany,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid log directive `{}`: ", self.directive)?;
        match &self.reason {
            Reason::Level => {
                f.write_str("the level must be one of trace, debug, info, warn, error, off")
            }
            Reason::Name(error) => error.fmt(f),
            Reason::Unsupported => f.write_str(
                "filters on spans, fields or messages are not supported, write `logger=level`",
            ),
            Reason::TooMany => write!(f, "at most {MAX_HAND_SET} loggers can be named"),
        }
    }
}

impl std::error::Error for SpecError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.reason {
            Reason::Name(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(given: &str) -> (LevelFilter, Vec<(String, LevelFilter)>) {
        let spec = parse(given).unwrap();
        let loggers = spec.loggers.into_iter();
        (
            spec.root,
            loggers
                .map(|(name, level)| (name.written.into(), level))
                .collect(),
        )
    }

    #[test]
    fn the_notation_of_rust_log() {
        assert_eq!(read(""), (LevelFilter::INFO, vec![]));
        assert_eq!(
            read("warn, warp=WARN,lmcache::v1 = debug,,hyper"),
            (
                LevelFilter::WARN,
                vec![
                    ("warp".into(), LevelFilter::WARN),
                    ("lmcache::v1".into(), LevelFilter::DEBUG),
                    ("hyper".into(), LevelFilter::TRACE),
                ]
            )
        );
        assert_eq!(read("root=error"), (LevelFilter::ERROR, vec![]));
        assert_eq!(
            read("a.b=info,a::b=off").1,
            [("a::b".into(), LevelFilter::OFF)]
        );
    }

    #[test]
    fn what_cannot_be_read_is_quoted() {
        let text = |given: &str| parse(given).unwrap_err().to_string();
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

    proptest! {
        #[test]
        fn no_start_value_panics(given in any::<String>()) {
            let _ = parse(&given);
        }
    }
}
