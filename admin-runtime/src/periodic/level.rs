//! How much depends on a periodic thread.

use serde::{Serialize, Serializer};

/// How much depends on a periodic thread. Health asks after `critical` and `high` ones only.
///
/// ```
/// use admin_runtime::Level;
///
/// assert_eq!(Level::ALL.map(Level::as_str), ["critical", "high", "medium", "low"]);
/// assert_eq!(Level::parse("HIGH"), Some(Level::High));
/// assert!(Level::High.decides_health() && !Level::Medium.decides_health());
/// assert!(Level::Critical < Level::Low, "the most important one sorts first");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Without it the program fails or loses data.
    Critical,
    /// Without it the program serves badly.
    High,
    /// Without it something is missing, and the program serves.
    #[default]
    Medium,
    /// Nobody notices at once.
    Low,
}

impl Level {
    /// Every level, from critical to low.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

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

    /// The level of a word, in any case.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|level| word.eq_ignore_ascii_case(level.as_str()))
    }

    /// Whether health depends on it.
    #[must_use]
    pub const fn decides_health(self) -> bool {
        matches!(self, Self::Critical | Self::High)
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
