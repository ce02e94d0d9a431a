//! What the list shows: the document's texts, and the same with all that is known as JSON.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{Display, Write as _};
use std::time::{Duration, SystemTime};

use serde::{Serialize, Serializer};
use tracing::level_filters::LevelFilter;

use super::bridge::LogFacade;
use super::change::Change;
use super::clock::Moment;
use super::lease::{Lease, LeaseId};
use super::level::{Setting, word};
use super::table::{Logger, Table};

/// The list as JSON.
#[derive(Serialize)]
pub(super) struct ListReport<'a> {
    pub(super) log_facade: LogFacade,
    pub(super) loggers: &'a [LoggerReport],
}

/// A logger as it is shown.
///
/// ```
/// use admin_endpoints::loglevel::LogLevels;
///
/// let levels = LogLevels::from_spec("info,cache=debug")?;
/// assert_eq!(
///     serde_json::to_value(levels.logger("cache::load")?)?,
///     serde_json::json!({
///         "name": "cache::load", "effective": "DEBUG", "configured": "NOTSET",
///         "parent": "cache", "leases": [], "changed": null,
///     })
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoggerReport {
    /// As it was first spelled, or as it was asked for.
    pub name: Box<str>,
    /// What holds for it.
    #[serde(serialize_with = "level")]
    pub effective: LevelFilter,
    /// What it is set to itself, `NOTSET` when it inherits.
    pub configured: Setting,
    /// The nearest logger or family above that has a level; none for the root.
    pub parent: Option<Box<str>>,
    /// Its timed levels in the order in which they were set; the last one holds.
    pub leases: Vec<LeaseReport>,
    /// When it was last changed and by whom; none when it never was.
    pub changed: Option<Change>,
}

/// A timed level as it is shown.
///
/// ```
/// use admin_endpoints::loglevel::LogLevels;
/// use std::time::Duration;
///
/// let levels = LogLevels::from_spec("info")?;
/// let ttl = Duration::from_secs(600);
/// levels.set("cache", "DEBUG".parse()?, Some(ttl), "ops")?;
///
/// let lease = &levels.logger("cache")?.leases[0];
/// assert_eq!((lease.id.get(), &*lease.by), (1, "ops"));
/// assert!(lease.ends_in <= ttl);
/// let json = serde_json::to_value(lease)?;
/// assert_eq!(json["level"], "DEBUG");
/// assert!(json["ends_in"].as_f64() <= Some(600.0)); // seconds
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeaseReport {
    /// Its name, to end it early by.
    pub id: LeaseId,
    /// What it sets.
    pub level: Setting,
    /// When it ends, by the wall clock.
    #[serde(serialize_with = "time")]
    pub ends: SystemTime,
    /// How long it has to go; JSON shows seconds to three places.
    #[serde(serialize_with = "seconds")]
    pub ends_in: Duration,
    /// Who set it.
    pub by: Box<str>,
}

/// Every logger set or seen, sorted by the name it is listed under.
pub(super) fn all(
    table: &Table,
    seen: BTreeMap<Box<str>, Box<str>>,
    now: Moment,
) -> Vec<LoggerReport> {
    let mut leases: HashMap<&str, Vec<LeaseReport>> = HashMap::new();
    for lease in table.leases() {
        leases
            .entry(&lease.logger)
            .or_default()
            .push(LeaseReport::new(lease, now));
    }
    let mut loggers: BTreeMap<Box<str>, (Box<str>, Option<&Logger>)> = seen
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

/// One logger, shown under the name it was asked for.
pub(super) fn one(table: &Table, canonical: &str, name: &str, now: Moment) -> LoggerReport {
    let logger = table.logger(canonical);
    let leases = table
        .leases_of(canonical)
        .map(|lease| LeaseReport::new(lease, now))
        .collect();
    LoggerReport::new(table, canonical, name.into(), logger, leases)
}

impl LoggerReport {
    fn new(
        table: &Table,
        canonical: &str,
        name: Box<str>,
        logger: Option<&Logger>,
        leases: Vec<LeaseReport>,
    ) -> Self {
        let rules = table.rules();
        let effective = rules.level(canonical);
        let configured = match leases.last() {
            _ if canonical.is_empty() => Setting::At(effective),
            Some(lease) => lease.level,
            None => logger.and_then(|logger| logger.permanent).into(),
        };
        LoggerReport {
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
    fn new(lease: &Lease, now: Moment) -> Self {
        LeaseReport {
            id: lease.id,
            level: lease.setting,
            ends: lease.ends_wall,
            ends_in: lease.ends.saturating_duration_since(now.steady),
            by: lease.by.clone(),
        }
    }
}

/// The list as the document shows it.
pub(super) fn list_text(loggers: &[LoggerReport]) -> String {
    let mut text = String::from("=== Loggers and Levels ===\n");
    for logger in loggers {
        let _ = writeln!(text, "{}: {}", logger.name, word(logger.effective));
    }
    text
}

/// One logger as the document shows it.
pub(super) fn get_text(logger: &LoggerReport) -> String {
    format!("{}: {}", logger.name, word(logger.effective))
}

/// The answer to a set as the document shows it.
pub(super) fn set_text(name: &str, setting: Setting) -> String {
    format!("Set {name} level to {setting} (including all handlers)")
}

/// A level in the document's words.
pub(super) fn level<S: Serializer>(level: &LevelFilter, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(word(*level))
}

/// A moment as RFC 3339 in UTC, to the second.
pub(super) fn rfc3339(time: SystemTime) -> impl Display {
    // The formatter refuses times before 1970, which a machine without a battery may start in.
    humantime::format_rfc3339_seconds(time.max(SystemTime::UNIX_EPOCH))
}

/// See [`rfc3339`].
pub(super) fn time<S: Serializer>(time: &SystemTime, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&rfc3339(*time))
}

/// A shared text, which serde reads only with a feature.
pub(super) fn text<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(text)
}

fn seconds<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(duration.as_millis() as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loglevel::name::LoggerName;
    use crate::loglevel::spec;
    use crate::loglevel::table::tests::at;

    fn table(spec: &str) -> Table {
        Table::new(spec::parse(spec).unwrap(), at(0))
    }

    fn seen(targets: &[&str]) -> BTreeMap<Box<str>, Box<str>> {
        let seen = crate::loglevel::seen::Seen::default();
        targets.iter().for_each(|target| seen.note(target));
        seen.all()
    }

    #[test]
    fn the_list_is_the_documents_byte_for_byte() {
        let table = table("warning,lmcache.v1.storage_backend=info");
        let seen = seen(&["lmcache.v1.cache_engine", "lmcache::v1::storage_backend"]);
        let expected = "=== Loggers and Levels ===\n\
                        lmcache.v1.cache_engine: WARNING\n\
                        lmcache.v1.storage_backend: INFO\n\
                        root: WARNING\n";
        assert_eq!(list_text(&all(&table, seen, at(0))), expected);
    }

    #[test]
    fn one_logger_is_the_documents_byte_for_byte_under_the_name_asked_for() {
        let table = table("warning");
        let report = one(
            &table,
            "lmcache.v1.cache_engine",
            "lmcache.v1.cache_engine",
            at(0),
        );
        assert_eq!(get_text(&report), "lmcache.v1.cache_engine: WARNING");
    }

    #[test]
    fn the_answer_to_a_set_is_the_documents_byte_for_byte() {
        let debug = "debug".parse().unwrap();
        assert_eq!(
            set_text("lmcache.v1.cache_engine", debug),
            "Set lmcache.v1.cache_engine level to DEBUG (including all handlers)"
        );
    }

    #[test]
    fn json_shows_all_that_is_known() {
        let mut table = table("info,a=warn");
        let name = LoggerName::parse("a.b").unwrap();
        let ttl = Some(Duration::from_secs(600));
        let debug = "debug".parse().unwrap();
        table
            .set(&name, "a::b", debug, ttl, "127.0.0.1:5555", at(2))
            .unwrap();
        let report = one(&table, "a.b", "a.b", at(62));
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

    #[test]
    fn a_clock_before_1970_is_shown_as_1970() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        let change = Change {
            at: before,
            by: "x".into(),
        };
        assert!(
            serde_json::to_string(&change)
                .unwrap()
                .contains("1970-01-01T00:00:00Z")
        );
    }
}
