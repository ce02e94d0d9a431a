//! The two kinds of health checks.

use std::fmt;

use serde::{Serialize, Serializer};

/// Which probe asks a health check.
///
/// ```
/// use admin_runtime::health::CheckKind;
///
/// assert_eq!(CheckKind::default(), CheckKind::Ready);
/// assert_eq!(CheckKind::Live.to_string(), "live");
/// assert_eq!(CheckKind::Ready.as_str(), "ready");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CheckKind {
    /// `/livez`: a program that fails it is restarted.
    Live,
    /// `/readyz`: a program that fails it receives no work.
    #[default]
    Ready,
}

impl CheckKind {
    /// `live` or `ready`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Ready => "ready",
        }
    }
}

impl fmt::Display for CheckKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for CheckKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
