//! The lists and the texts of the route.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use tracing::level_filters::LevelFilter;

use super::change::{ChangeRecord, LevelChange, LoggerLevels};
use super::lease::{Lease, LeaseId};
use super::level::{ConfiguredLevel, level_name};
use super::log_facade::LogFacade;
use super::moment::ClockReading;
use super::table::{ConfiguredLogger, LevelTable};
use super::wire;

/// The list of loggers as JSON.
#[derive(Serialize)]
pub(super) struct ListReport<'a> {
    pub(super) log_facade: LogFacade,
    pub(super) loggers: &'a [LoggerReport],
}

/// The result of a change as JSON.
#[derive(Serialize)]
pub(super) struct SetReport<'a> {
    pub(super) logger: &'a str,
    pub(super) level: ConfiguredLevel,
    pub(super) previous: LoggerLevels,
    pub(super) current: LoggerLevels,
    pub(super) lease: Option<LeaseGrant>,
    pub(super) hidden: bool,
}

/// A timed level that was granted.
#[derive(Serialize)]
pub(super) struct LeaseGrant {
    pub(super) id: LeaseId,
    #[serde(serialize_with = "wire::time")]
    pub(super) ends: SystemTime,
}

/// What is known of a logger.
///
/// ```
/// use admin_endpoints::loglevel::LogLevels;
///
/// let levels = LogLevels::from_spec("info,cache=debug")?;
/// assert_eq!(
///     serde_json::to_value(levels.logger(&"cache::load".parse()?))?,
///     serde_json::json!({
///         "name": "cache::load", "effective": "DEBUG", "configured": "NOTSET",
///         "parent": "cache", "leases": [], "changed": null,
///     })
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LoggerReport {
    /// The name as it was first spelled, or as it was asked for.
    pub name: Box<str>,
    /// The level in effect.
    #[serde(serialize_with = "wire::level")]
    pub effective: LevelFilter,
    /// The logger's own level, `NOTSET` if it inherits.
    pub configured: ConfiguredLevel,
    /// The nearest logger or family above that has a level; `None` for the root.
    pub parent: Option<Box<str>>,
    /// Its timed levels in the order in which they were set; the last one is effective.
    pub leases: Vec<LeaseReport>,
    /// When it was last changed and by whom; `None` if it never was.
    pub changed: Option<ChangeRecord>,
}

/// A timed level.
///
/// ```
/// use admin_endpoints::loglevel::{LogLevels, LoggerName, Ttl};
///
/// let levels = LogLevels::from_spec("info")?;
/// let (cache, ttl): (LoggerName, Ttl) = ("cache".parse()?, "10m".parse()?);
/// levels.set(&cache, "DEBUG".parse()?, Some(ttl), "ops")?;
///
/// let lease = &levels.logger(&cache).leases[0];
/// assert_eq!((lease.id.get(), &*lease.actor), (1, "ops"));
/// assert!(lease.ends_in <= ttl.as_duration());
/// let json = serde_json::to_value(lease)?;
/// assert_eq!((&json["level"], &json["by"]), (&"DEBUG".into(), &"ops".into()));
/// assert!(json["ends_in"].as_f64() <= Some(600.0)); // seconds
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LeaseReport {
    /// Its id, by which it can be ended early.
    pub id: LeaseId,
    /// The level that it sets.
    pub level: ConfiguredLevel,
    /// The wall time of its end.
    #[serde(serialize_with = "wire::time")]
    pub ends: SystemTime,
    /// The time until its end; seconds with three decimal places in JSON.
    #[serde(serialize_with = "wire::seconds")]
    pub ends_in: Duration,
    /// Who set it.
    #[serde(rename = "by")]
    pub actor: Box<str>,
}

/// Every logger that is configured or known, sorted by the name it is listed under.
///
/// `known` has the first spellings of discovered loggers by canonical name.
pub(super) fn list_loggers(
    table: &LevelTable,
    known: BTreeMap<Box<str>, Box<str>>,
    now: ClockReading,
) -> Vec<LoggerReport> {
    let mut leases: HashMap<&str, Vec<LeaseReport>> = HashMap::new();
    for lease in table.leases() {
        leases
            .entry(&lease.logger)
            .or_default()
            .push(LeaseReport::new(lease, now));
    }
    let mut loggers: BTreeMap<Box<str>, (Box<str>, Option<&ConfiguredLogger>)> = known
        .into_iter()
        .map(|(canonical, name)| (canonical, (name, None)))
        .collect();
    for (canonical, logger) in table.loggers() {
        loggers.insert(canonical.into(), ((&*logger.name).into(), Some(logger)));
    }
    let mut reports: Vec<LoggerReport> = loggers
        .into_iter()
        .map(|(canonical, (name, logger))| {
            let leases = leases.remove(&*canonical).unwrap_or_default();
            LoggerReport::new(table, &canonical, name, logger, leases)
        })
        .collect();
    reports.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    reports
}

/// One logger, under the name it was asked for.
pub(super) fn describe_logger(
    table: &LevelTable,
    canonical: &str,
    name: &str,
    now: ClockReading,
) -> LoggerReport {
    let logger = table.logger(canonical);
    let leases = table
        .leases_of(canonical)
        .map(|lease| LeaseReport::new(lease, now))
        .collect();
    LoggerReport::new(table, canonical, name.into(), logger, leases)
}

impl LoggerReport {
    fn new(
        table: &LevelTable,
        canonical: &str,
        name: Box<str>,
        logger: Option<&ConfiguredLogger>,
        leases: Vec<LeaseReport>,
    ) -> Self {
        let rules = table.rules();
        let effective = rules.level(canonical);
        let configured = match leases.last() {
            _ if canonical.is_empty() => ConfiguredLevel::Set(effective),
            Some(lease) => lease.level,
            None => logger.and_then(|logger| logger.permanent).into(),
        };
        Self {
            name,
            effective,
            configured,
            parent: (!canonical.is_empty()).then(|| (&*rules.inherited(canonical).name).into()),
            leases,
            changed: logger.map(|logger| logger.changed.clone()),
        }
    }
}

impl LeaseReport {
    fn new(lease: &Lease, now: ClockReading) -> Self {
        Self {
            id: lease.id,
            level: lease.level,
            ends: lease.ends.wall,
            ends_in: lease
                .ends
                .monotonic
                .saturating_duration_since(now.monotonic),
            actor: lease.actor.clone(),
        }
    }
}

/// The text of the list.
pub(super) fn list_text(loggers: &[LoggerReport]) -> String {
    let mut text = String::from("=== Loggers and Levels ===\n");
    for logger in loggers {
        let _ = writeln!(text, "{}: {}", logger.name, level_name(logger.effective));
    }
    text
}

/// The text for one logger.
pub(super) fn logger_text(logger: &LoggerReport) -> String {
    format!("{}: {}", logger.name, level_name(logger.effective))
}

/// The first line of the reply to a set.
pub(crate) fn set_line(name: &str, level: ConfiguredLevel) -> String {
    format!("Set {name} level to {level} (including all handlers)")
}

/// The text for a change.
pub(super) fn set_text(name: &str, change: &LevelChange) -> String {
    let mut text = set_line(name, change.requested);
    if let Some(level) = change.hidden_below {
        let level = level_name(level);
        let _ = write!(
            text,
            "\nNote: another filter of the subscriber hides {name} below {level}"
        );
    }
    text
}

/// The most hidden loggers that the index names.
const MAX_NAMED_HIDDEN_LOGGERS: usize = 3;

/// The text of the index for loggers that other filters hide; `None` if there are none.
pub(super) fn hidden_text(hidden: &[(Arc<str>, LevelFilter)]) -> Option<String> {
    let (named, others) = hidden.split_at(hidden.len().min(MAX_NAMED_HIDDEN_LOGGERS));
    let mut named: Vec<String> = named
        .iter()
        .map(|(name, level)| format!("{name} below {}", level_name(*level)))
        .collect();
    if !others.is_empty() {
        named.push(format!("{} others", others.len()));
    }
    (!named.is_empty()).then(|| {
        format!(
            "another filter of the subscriber hides {}",
            named.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loglevel::known_loggers::KnownLoggers;
    use crate::loglevel::moment::tests::at;
    use crate::loglevel::table::{Author, LoggerKey};

    fn table(spec: &str) -> LevelTable {
        LevelTable::new(spec.parse().unwrap(), at(0))
    }

    fn known(targets: &[&str]) -> BTreeMap<Box<str>, Box<str>> {
        let known = KnownLoggers::default();
        targets.iter().for_each(|target| known.record(target));
        known.all()
    }

    fn key<'a>(canonical: &'a str, listed_as: &'a str) -> LoggerKey<'a> {
        LoggerKey {
            canonical,
            listed_as,
            is_discovered: true,
        }
    }

    #[test]
    fn list_is_that_of_the_documentation() {
        let table = table("warning,lmcache.v1.storage_backend=info");
        let known = known(&["lmcache.v1.cache_engine", "lmcache::v1::storage_backend"]);
        let expected = "=== Loggers and Levels ===\n\
                        lmcache.v1.cache_engine: WARNING\n\
                        lmcache.v1.storage_backend: INFO\n\
                        root: WARNING\n";
        assert_eq!(list_text(&list_loggers(&table, known, at(0))), expected);
    }

    #[test]
    fn one_logger_has_the_name_asked_for() {
        let name = "lmcache.v1.cache_engine";
        let report = describe_logger(&table("warning"), name, name, at(0));
        assert_eq!(logger_text(&report), "lmcache.v1.cache_engine: WARNING");
    }

    #[test]
    fn set_text_is_that_of_the_documentation() {
        let (name, debug) = ("lmcache.v1.cache_engine", "debug".parse().unwrap());
        let author = Author {
            actor: "test",
            now: at(1),
        };
        let set = table("info").set(key(name, name), debug, None, author);
        let mut change = set.unwrap();
        let line = "Set lmcache.v1.cache_engine level to DEBUG (including all handlers)";
        assert_eq!(set_text(name, &change), line);
        change.hidden_below = Some(LevelFilter::WARN);
        let note =
            "Note: another filter of the subscriber hides lmcache.v1.cache_engine below WARNING";
        assert_eq!(set_text(name, &change), format!("{line}\n{note}"));
    }

    #[test]
    fn hidden_text_names_three_loggers() {
        let hidden: Vec<_> = ["a", "b", "c", "d", "e"]
            .map(|name| (Arc::from(name), LevelFilter::INFO))
            .into();
        assert_eq!(hidden_text(&[]), None);
        assert_eq!(
            hidden_text(&hidden[..1]).as_deref(),
            Some("another filter of the subscriber hides a below INFO")
        );
        let all = hidden_text(&hidden).unwrap();
        assert!(all.ends_with("c below INFO, 2 others"), "{all}");
    }

    #[test]
    fn json_has_all_that_is_known() {
        let mut table = table("info,a=warn");
        let author = Author {
            actor: "127.0.0.1:5555",
            now: at(2),
        };
        let debug = "debug".parse().unwrap();
        let ttl = Some("10m".parse().unwrap());
        table.set(key("a.b", "a::b"), debug, ttl, author).unwrap();
        let report = describe_logger(&table, "a.b", "a.b", at(62));
        assert_eq!(
            serde_json::to_value(report).unwrap(),
            serde_json::json!({
                "name": "a.b", "effective": "DEBUG", "configured": "DEBUG", "parent": "a",
                "leases": [{
                    "id": 1, "level": "DEBUG", "ends": "1970-01-01T00:10:02Z", "ends_in": 540.0,
                    "by": "127.0.0.1:5555",
                }],
                "changed": {"at": "1970-01-01T00:00:02Z", "by": "127.0.0.1:5555"},
            })
        );
    }
}
