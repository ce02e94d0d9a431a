//! Timed levels: what a lease is, and how long one may last.

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use serde::{Serialize, Serializer};

use super::level::Setting;
use super::quote::on_one_line;

/// The longest that a timed level may last.
///
/// ```
/// use admin_endpoints::loglevel::{MAX_TTL, parse_ttl};
///
/// assert_eq!(parse_ttl("7days")?, MAX_TTL);
/// assert!(parse_ttl("7days 1s").is_err());
/// # Ok::<(), admin_endpoints::loglevel::InvalidTtl>(())
/// ```
pub const MAX_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The most timed levels at one time.
///
/// ```
/// use admin_endpoints::loglevel::{LogLevels, MAX_LEASES};
/// use std::time::Duration;
///
/// let levels = LogLevels::from_spec("info")?;
/// let (debug, ttl) = ("DEBUG".parse()?, Some(Duration::from_secs(60)));
/// for _ in 0..MAX_LEASES {
///     levels.set("cache", debug, ttl, "ops")?;
/// }
/// let refused = levels.set("cache", debug, ttl, "ops").unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "Too many timed levels: at most 1024 can run, end one first"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub const MAX_LEASES: usize = 1024;

/// Names one timed level. Ids begin at 1 and are never used again while the program runs.
///
/// ```
/// use admin_endpoints::loglevel::{LeaseId, LogLevels};
///
/// let id = LeaseId::from(7); // `x-lease-id: 7`, `?lease=7`
/// assert_eq!((id.get(), id.to_string()), (7, "7".to_owned()));
///
/// let levels = LogLevels::from_spec("info")?;
/// assert_eq!(levels.end_lease(id, "ops"), None); // ended already or never was
/// # Ok::<(), admin_endpoints::loglevel::SpecError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseId(pub(super) u64);

impl LeaseId {
    /// The number, as it is shown.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl From<u64> for LeaseId {
    fn from(id: u64) -> Self {
        LeaseId(id)
    }
}

impl fmt::Display for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for LeaseId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

/// A level that holds for a time. Of several for one logger the last granted holds.
#[derive(Clone, Debug)]
pub(super) struct Lease {
    pub(super) id: LeaseId,
    /// The canonical name of the logger.
    pub(super) logger: Box<str>,
    pub(super) setting: Setting,
    pub(super) ends: Instant,
    /// The same moment for people: it does not move when the wall clock is set.
    pub(super) ends_wall: SystemTime,
    pub(super) by: Box<str>,
}

/// Reads a time to live such as `30s`, `10m` or `1h 30m`; more than nothing and at most [`MAX_TTL`].
///
/// # Errors
///
/// [`InvalidTtl`] for anything else.
///
/// ```
/// use admin_endpoints::loglevel::parse_ttl;
///
/// assert_eq!(parse_ttl("90s")?.as_secs(), 90);
/// assert_eq!(parse_ttl("1h 30m")?.as_secs(), 5400);
/// assert!(parse_ttl("90").is_err()); // 90 of what?
/// # Ok::<(), admin_endpoints::loglevel::InvalidTtl>(())
/// ```
pub fn parse_ttl(given: &str) -> Result<Duration, InvalidTtl> {
    humantime::parse_duration(given)
        .ok()
        .filter(|ttl| !ttl.is_zero() && *ttl <= MAX_TTL)
        .ok_or_else(|| InvalidTtl {
            given: on_one_line(given),
        })
}

/// A time to live that cannot be read or is out of range.
///
/// ```
/// use admin_endpoints::loglevel::parse_ttl;
///
/// assert_eq!(
///     parse_ttl("30d").unwrap_err().to_string(),
///     "Invalid ttl: 30d (give a number with a unit, such as 30s, 10m or 2h, of at most 7d)"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTtl {
    given: Box<str>,
}

impl fmt::Display for InvalidTtl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Invalid ttl: {} (give a number with a unit, such as 30s, 10m or 2h, of at most 7d)",
            self.given
        )
    }
}

impl std::error::Error for InvalidTtl {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ttl_is_a_number_with_a_unit() {
        assert_eq!(parse_ttl("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(parse_ttl("1h 30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(parse_ttl("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_ttl("7d"), Ok(MAX_TTL));
    }

    #[test]
    fn anything_else_names_what_was_given() {
        for given in ["", "10", "0s", "-1s", "8d", "soon", "99999999999999999999d"] {
            let text = parse_ttl(given).unwrap_err().to_string();
            assert!(
                text.starts_with(&format!("Invalid ttl: {given} (give a number")),
                "{text}"
            );
        }
    }
}
