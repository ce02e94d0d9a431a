//! How much depends on a periodic thread.

use std::fmt;

use serde::{Serialize, Serializer};

/// How much depends on a periodic thread: the `level` of the attribute and of the routes. Health
/// considers `critical` and `high` threads only.
///
/// ```
/// use admin_runtime::periodic::Criticality;
///
/// let words: Vec<_> = Criticality::ALL.iter().map(|level| level.as_str()).collect();
/// assert_eq!(words, ["critical", "high", "medium", "low"]);
/// assert_eq!(Criticality::parse("HIGH"), Some(Criticality::High));
/// assert!(Criticality::High.affects_health() && !Criticality::Medium.affects_health());
/// assert!(Criticality::Critical < Criticality::Low, "the most important one sorts first");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Criticality {
    /// The program fails or loses data without it.
    Critical,
    /// The program serves badly without it.
    High,
    /// The program serves without it, with something missing.
    #[default]
    Medium,
    /// Its absence goes unnoticed for a while.
    Low,
}

impl Criticality {
    /// Every level, from critical to low.
    pub const ALL: &'static [Self] = &[Self::Critical, Self::High, Self::Medium, Self::Low];

    /// `critical`, `high`, `medium` or `low`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// Parses such a word, in any case.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|level| word.eq_ignore_ascii_case(level.as_str()))
    }

    /// Whether a server is unhealthy while such a thread is not active.
    #[must_use]
    pub const fn affects_health(self) -> bool {
        matches!(self, Self::Critical | Self::High)
    }
}

impl fmt::Display for Criticality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Criticality {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
