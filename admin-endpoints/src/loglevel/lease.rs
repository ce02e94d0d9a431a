//! Timed levels.

use std::fmt;

use serde::{Serialize, Serializer};

use super::level::ConfiguredLevel;
use super::moment::ClockReading;

/// Identifies one timed level. Ids start at 1 and are not reused while the program runs.
///
/// ```
/// use admin_endpoints::loglevel::{LeaseId, LogLevels};
///
/// let id = LeaseId::from(7); // `x-lease-id: 7`, `?lease=7`
/// assert_eq!((id.get(), id.to_string()), (7, "7".to_owned()));
///
/// let levels = LogLevels::from_spec("info")?;
/// assert_eq!(levels.end_lease(id, "ops"), None); // no such lease
/// # Ok::<(), admin_endpoints::loglevel::SpecError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseId(pub(super) u64);

impl LeaseId {
    /// The id as a number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

impl From<u64> for LeaseId {
    fn from(id: u64) -> Self {
        Self(id)
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

/// A level with a time limit. Of several leases for one logger the last one granted is effective.
#[derive(Clone, Debug)]
pub(super) struct Lease {
    pub(super) id: LeaseId,
    /// The canonical name of the logger.
    pub(super) logger: Box<str>,
    pub(super) level: ConfiguredLevel,
    /// The wall time is for display: it does not change when the wall clock is set.
    pub(super) ends: ClockReading,
    pub(super) actor: Box<str>,
}
