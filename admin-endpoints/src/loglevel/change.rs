//! What a change of levels answers, and why one is refused.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use tracing::level_filters::LevelFilter;

use super::lease::{LeaseId, MAX_LEASES, MAX_TTL};
use super::level::{Setting, word};
use super::name::InvalidName;
use super::report;
use super::table::MAX_HAND_SET;

/// When a logger was last changed and by whom.
///
/// ```
/// use admin_endpoints::loglevel::{Change, LogLevels};
/// use std::time::UNIX_EPOCH;
///
/// let levels = LogLevels::from_spec("info,cache=debug")?;
/// let change = levels.logger("cache")?.changed.ok_or("never changed")?;
/// assert_eq!(&*change.by, "start");
///
/// let change = Change { at: UNIX_EPOCH, by: "ops@127.0.0.1:40000".into() };
/// assert_eq!(
///     serde_json::to_string(&change)?,
///     r#"{"at":"1970-01-01T00:00:00Z","by":"ops@127.0.0.1:40000"}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// By the wall clock.
    #[serde(serialize_with = "report::time")]
    pub at: SystemTime,
    /// Whoever asked for it, `start` for the start value, `end of lease N` for a lease that ended.
    pub by: Box<str>,
}

/// The levels of one logger at one moment.
///
/// ```
/// use admin_endpoints::loglevel::{Levels, Setting};
/// use tracing::level_filters::LevelFilter;
///
/// let inherited = Levels { configured: Setting::NotSet, effective: LevelFilter::WARN };
/// assert_eq!(inherited.to_string(), "NOTSET (inherits WARNING)");
/// assert_eq!(
///     serde_json::to_string(&inherited)?,
///     r#"{"configured":"NOTSET","effective":"WARNING"}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Levels {
    /// What it is set to itself.
    pub configured: Setting,
    /// What holds for it, set or inherited.
    #[serde(serialize_with = "report::level")]
    pub effective: LevelFilter,
}

impl fmt::Display for Levels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.configured {
            Setting::At(level) => f.write_str(word(level)),
            Setting::NotSet => write!(f, "NOTSET (inherits {})", word(self.effective)),
        }
    }
}

/// The answer to a change.
///
/// ```
/// use admin_endpoints::loglevel::LogLevels;
/// use std::time::Duration;
///
/// let levels = LogLevels::from_spec("info")?;
/// let for_good = levels.set("cache", "DEBUG".parse()?, None, "ops")?;
/// assert_eq!(for_good.before.to_string(), "NOTSET (inherits INFO)");
/// assert_eq!(for_good.after.to_string(), "DEBUG");
/// assert_eq!(for_good.lease, None);
///
/// let ttl = Duration::from_secs(60);
/// let timed = levels.set("cache", "TRACE".parse()?, Some(ttl), "ops")?;
/// assert_eq!(timed.lease.map(|(id, _ends)| id.get()), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// What was asked for.
    pub setting: Setting,
    /// The logger's levels until now.
    pub before: Levels,
    /// The logger's levels from now on.
    pub after: Levels,
    /// For a timed level its id and when it ends.
    pub lease: Option<(LeaseId, SystemTime)>,
}

/// A timed level that ended.
///
/// ```
/// use admin_endpoints::loglevel::LogLevels;
/// use std::time::Duration;
///
/// let levels = LogLevels::from_spec("info")?;
/// let ttl = Some(Duration::from_secs(60));
/// let timed = levels.set("cache", "DEBUG".parse()?, ttl, "ops")?;
/// let (id, _) = timed.lease.ok_or("not timed")?;
/// let ended = levels.end_lease(id, "ops").ok_or("ended already")?;
/// assert_eq!(
///     serde_json::to_string(&ended)?,
///     r#"{"lease":1,"logger":"cache","previous":"DEBUG","current":"NOTSET"}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// Which one.
    #[serde(rename = "lease")]
    pub id: LeaseId,
    /// The logger, as it is listed.
    #[serde(serialize_with = "report::text")]
    pub logger: Arc<str>,
    /// What the logger was set to until now.
    #[serde(rename = "previous")]
    pub before: Setting,
    /// What it is set to from now on.
    #[serde(rename = "current")]
    pub after: Setting,
}

/// Why a level was not changed. Nothing changes then.
///
/// ```
/// use admin_endpoints::loglevel::{ChangeError, LogLevels};
/// use std::time::Duration;
///
/// let levels = LogLevels::from_spec("info")?;
/// let quiet = levels.set("admin_runtime::audit", "ERROR".parse()?, None, "ops").unwrap_err();
/// assert_eq!(
///     quiet.to_string(),
///     "The audit log cannot be turned down: admin_runtime::audit stays at INFO or more"
/// );
/// let brief = levels.set("cache", "DEBUG".parse()?, Some(Duration::ZERO), "ops").unwrap_err();
/// assert!(matches!(brief, ChangeError::Ttl { given } if given.is_zero()));
/// assert_eq!(brief.to_string(), "Invalid ttl: 0s (more than 0s and at most 7 days)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ChangeError {
    /// The name cannot be set.
    Name(InvalidName),
    /// [`MAX_HAND_SET`] loggers are set.
    TooManyLoggers,
    /// [`MAX_LEASES`] timed levels are running.
    TooManyLeases,
    /// The time to live is zero or longer than [`MAX_TTL`].
    Ttl {
        /// The time to live.
        given: Duration,
    },
    /// The audit log would be less verbose than `INFO`.
    AuditLog,
    /// The thread that ends timed levels cannot be started.
    Timer(io::Error),
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChangeError::Name(error) => error.fmt(f),
            ChangeError::TooManyLoggers => write!(
                f,
                "Too many loggers: at most {MAX_HAND_SET} can be set by hand, clear one first"
            ),
            ChangeError::TooManyLeases => {
                write!(
                    f,
                    "Too many timed levels: at most {MAX_LEASES} can run, end one first"
                )
            }
            ChangeError::Ttl { given } => write!(
                f,
                "Invalid ttl: {} (more than 0s and at most {} days)",
                humantime::format_duration(*given),
                MAX_TTL.as_secs() / 86_400
            ),
            ChangeError::AuditLog => f.write_str(
                "The audit log cannot be turned down: admin_runtime::audit stays at INFO or more",
            ),
            ChangeError::Timer(_) => {
                f.write_str("A timed level cannot be set: its timer thread cannot be started")
            }
        }
    }
}

impl std::error::Error for ChangeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ChangeError::Name(error) => Some(error),
            ChangeError::Timer(error) => Some(error),
            _ => None,
        }
    }
}

impl From<InvalidName> for ChangeError {
    fn from(error: InvalidName) -> Self {
        ChangeError::Name(error)
    }
}
