//! The result of changing levels, and why a change is refused.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;
use tracing::level_filters::LevelFilter;

use super::lease::LeaseId;
use super::level::{ConfiguredLevel, level_name};
use super::limits::{MAX_CONFIGURED_LOGGERS, MAX_LEASES, MAX_UNUSED_LOGGERS};
use super::wire;

/// When a logger was last changed and by whom.
///
/// ```
/// use admin_endpoints::loglevel::LogLevels;
///
/// let levels = LogLevels::from_spec("info,cache=debug")?;
/// let change = levels.logger(&"cache".parse()?).changed.ok_or("never changed")?;
/// assert_eq!(&*change.actor, "start");
///
/// let json = serde_json::to_value(&change)?; // {"at":"2026-03-01T09:00:00Z","by":"start"}
/// assert_eq!(json["by"], "start");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChangeRecord {
    /// The wall time of the change.
    #[serde(serialize_with = "wire::time")]
    pub at: SystemTime,
    /// Who asked for it; `start` for the start value, `end of lease N` for a lease that expired.
    #[serde(rename = "by")]
    pub actor: Box<str>,
}

/// The levels of one logger at one moment.
///
/// ```
/// use admin_endpoints::loglevel::LogLevels;
///
/// let levels = LogLevels::from_spec("warn")?;
/// let change = levels.set(&"cache".parse()?, "DEBUG".parse()?, None, "ops")?;
/// assert_eq!(change.before.to_string(), "NOTSET (inherits WARNING)");
/// assert_eq!(
///     serde_json::to_string(&change.before)?,
///     r#"{"configured":"NOTSET","effective":"WARNING"}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LoggerLevels {
    /// The logger's own level.
    pub configured: ConfiguredLevel,
    /// The level in effect, its own or inherited.
    #[serde(serialize_with = "wire::level")]
    pub effective: LevelFilter,
}

impl fmt::Display for LoggerLevels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.configured {
            ConfiguredLevel::Set(level) => f.write_str(level_name(level)),
            ConfiguredLevel::NotSet => {
                write!(f, "NOTSET (inherits {})", level_name(self.effective))
            }
        }
    }
}

/// The result of setting or clearing a level.
///
/// ```
/// use admin_endpoints::loglevel::{LogLevels, LoggerName};
///
/// let levels = LogLevels::from_spec("info")?;
/// let cache: LoggerName = "cache".parse()?;
/// let change = levels.set(&cache, "DEBUG".parse()?, None, "ops")?;
/// assert_eq!(change.before.to_string(), "NOTSET (inherits INFO)");
/// assert_eq!(change.after.to_string(), "DEBUG");
/// assert_eq!(change.lease, None);
///
/// let timed = levels.set(&cache, "TRACE".parse()?, Some("60s".parse()?), "ops")?;
/// assert_eq!(timed.lease.map(|(id, _ends)| id.get()), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LevelChange {
    /// What the logger was set to.
    pub requested: ConfiguredLevel,
    /// The logger's levels before the change.
    pub before: LoggerLevels,
    /// The logger's levels after the change.
    pub after: LoggerLevels,
    /// The id of a timed level and the wall time of its end.
    pub lease: Option<(LeaseId, SystemTime)>,
    /// `Some` if another filter of the subscriber hides events that the new level enables, from all
    /// layers or from one: the most verbose level that none of them hides.
    pub hidden_below: Option<LevelFilter>,
}

/// A timed level that ended, at its time or early.
///
/// ```
/// use admin_endpoints::loglevel::LogLevels;
///
/// let levels = LogLevels::from_spec("info")?;
/// let ttl = Some("60s".parse()?);
/// let timed = levels.set(&"cache".parse()?, "DEBUG".parse()?, ttl, "ops")?;
/// let (id, _) = timed.lease.ok_or("not timed")?;
/// let ended = levels.end_lease(id, "ops").ok_or("ended already")?;
/// assert_eq!(
///     serde_json::to_string(&ended)?,
///     r#"{"lease":1,"logger":"cache","previous":"DEBUG","current":"NOTSET"}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EndedLease {
    /// The lease.
    #[serde(rename = "lease")]
    pub id: LeaseId,
    /// The logger, by the name it is listed under.
    #[serde(serialize_with = "wire::text")]
    pub logger: Arc<str>,
    /// The logger's own level before the end.
    #[serde(rename = "previous")]
    pub before: ConfiguredLevel,
    /// The logger's own level after the end.
    #[serde(rename = "current")]
    pub after: ConfiguredLevel,
}

/// Why a level was not changed.
///
/// ```
/// use admin_endpoints::loglevel::LogLevels;
///
/// let levels = LogLevels::from_spec("info")?;
/// let audit = "admin_runtime::audit".parse()?;
/// let error = levels.set(&audit, "ERROR".parse()?, None, "ops").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "The audit log cannot be less verbose: admin_runtime::audit stays at INFO or more"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ChangeError {
    /// [`MAX_CONFIGURED_LOGGERS`] loggers are configured.
    TooManyLoggers,
    /// [`MAX_UNUSED_LOGGERS`] loggers are configured that nothing has logged through.
    TooManyUnusedLoggers,
    /// [`MAX_LEASES`] timed levels are active.
    TooManyLeases,
    /// The audit log would be less verbose than `INFO`.
    AuditLog,
    /// The thread that ends timed levels cannot be started.
    Timer(io::Error),
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyLoggers => write!(
                f,
                "Too many loggers: at most {MAX_CONFIGURED_LOGGERS} can be configured, \
                 clear one first"
            ),
            Self::TooManyUnusedLoggers => write!(
                f,
                "Too many loggers that nothing has logged through: at most {MAX_UNUSED_LOGGERS} \
                 can be set, delete one first (DELETE /loglevel?logger_name=NAME)"
            ),
            Self::TooManyLeases => write!(
                f,
                "Too many timed levels: at most {MAX_LEASES} can run, end one first"
            ),
            Self::AuditLog => f.write_str(
                "The audit log cannot be less verbose: admin_runtime::audit stays at INFO or more",
            ),
            Self::Timer(_) => {
                f.write_str("A timed level cannot be set: its timer thread cannot be started")
            }
        }
    }
}

impl std::error::Error for ChangeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Timer(error) => Some(error),
            _ => None,
        }
    }
}
