//! How much can be set, kept and repeated.

use std::time::Duration;

/// The longest name of a logger that can be set or listed, in bytes.
///
/// ```
/// use admin_endpoints::loglevel::{LoggerName, MAX_NAME_BYTES};
///
/// let longest = "a".repeat(MAX_NAME_BYTES);
/// assert!(longest.parse::<LoggerName>().is_ok());
/// assert!((longest + "a").parse::<LoggerName>().is_err());
/// ```
pub const MAX_NAME_BYTES: usize = 512;

/// The most loggers that can be configured at the same time.
///
/// ```
/// use admin_endpoints::loglevel::{ChangeError, MAX_CONFIGURED_LOGGERS};
///
/// let limit = MAX_CONFIGURED_LOGGERS;
/// assert_eq!(
///     ChangeError::TooManyLoggers.to_string(),
///     format!("Too many loggers: at most {limit} can be configured, clear one first")
/// );
/// ```
pub const MAX_CONFIGURED_LOGGERS: usize = 4096;

/// The most loggers and families that are configured although nothing has logged through a logger
/// of that name: every name can be set, so that many would never be used. Names in the start value
/// of [`LogLevels`](super::LogLevels) do not count.
///
/// ```
/// use admin_endpoints::loglevel::{ChangeError, MAX_UNUSED_LOGGERS};
///
/// let limit = MAX_UNUSED_LOGGERS;
/// assert_eq!(
///     ChangeError::TooManyUnusedLoggers.to_string(),
///     format!(
///         "Too many loggers that nothing has logged through: at most {limit} can be set, delete \
///          one first (DELETE /loglevel?logger_name=NAME)"
///     )
/// );
/// ```
pub const MAX_UNUSED_LOGGERS: usize = 1000;

/// The most logger names that are discovered. Later ones obey their level but are not listed.
///
/// ```
/// use admin_endpoints::loglevel::{LogLevels, MAX_KNOWN_LOGGERS};
///
/// let levels = LogLevels::from_spec("info")?;
/// let list_is_complete = levels.loggers().len() < MAX_KNOWN_LOGGERS;
/// assert!(list_is_complete);
/// # Ok::<(), admin_endpoints::loglevel::SpecError>(())
/// ```
pub const MAX_KNOWN_LOGGERS: usize = 16_384;

/// The most timed levels at the same time.
///
/// ```
/// use admin_endpoints::loglevel::{ConfiguredLevel, LogLevels, LoggerName, MAX_LEASES, Ttl};
///
/// let levels = LogLevels::from_spec("info")?;
/// let logger: LoggerName = "cache".parse()?;
/// let (debug, ttl): (ConfiguredLevel, Ttl) = ("DEBUG".parse()?, "1m".parse()?);
/// for _ in 0..MAX_LEASES {
///     levels.set(&logger, debug, Some(ttl), "ops")?;
/// }
/// let error = levels.set(&logger, debug, Some(ttl), "ops").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "Too many timed levels: at most 1024 can run, end one first"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub const MAX_LEASES: usize = 1024;

/// The longest time that a timed level can last: seven days.
///
/// ```
/// use admin_endpoints::loglevel::{MAX_TTL, Ttl};
///
/// assert_eq!("7days".parse::<Ttl>()?.as_duration(), MAX_TTL);
/// assert!("7days 1s".parse::<Ttl>().is_err());
/// # Ok::<(), admin_endpoints::loglevel::InvalidTtl>(())
/// ```
pub const MAX_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How much of a refused text an error message repeats, in characters.
pub(super) const MAX_QUOTED_CHARS: usize = 100;
