//! How long a timed level lasts.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use admin_runtime::Param;
use admin_runtime::text::excerpt;

use super::limits::{MAX_QUOTED_CHARS, MAX_TTL};

/// A time to live: more than zero and at most [`MAX_TTL`].
///
/// Reads numbers with units, such as `30s`, `10m` or `1h 30m`.
///
/// ```
/// use admin_endpoints::loglevel::Ttl;
/// use std::time::Duration;
///
/// assert_eq!("1h 30m".parse::<Ttl>()?.as_duration().as_secs(), 5400);
/// assert_eq!(Ttl::try_from(Duration::from_secs(90))?, "90s".parse()?);
/// assert!("90".parse::<Ttl>().is_err()); // the unit is missing
/// # Ok::<(), admin_endpoints::loglevel::InvalidTtl>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ttl(Duration);

impl Ttl {
    /// The time to live as a duration.
    #[must_use]
    pub fn as_duration(self) -> Duration {
        self.0
    }
}

impl TryFrom<Duration> for Ttl {
    type Error = InvalidTtl;

    fn try_from(duration: Duration) -> Result<Self, InvalidTtl> {
        if duration.is_zero() || duration > MAX_TTL {
            return Err(InvalidTtl {
                given: humantime::format_duration(duration).to_string().into(),
            });
        }
        Ok(Self(duration))
    }
}

impl FromStr for Ttl {
    type Err = InvalidTtl;

    fn from_str(given: &str) -> Result<Self, InvalidTtl> {
        humantime::parse_duration(given)
            .ok()
            .and_then(|duration| Self::try_from(duration).ok())
            .ok_or_else(|| InvalidTtl {
                given: excerpt(given, MAX_QUOTED_CHARS).to_string().into(),
            })
    }
}

impl Param for Ttl {
    const EXPECTED: &'static str = "a number with a unit, such as 30s, 10m or 2h, of at most 7d";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn error_message(text: &str) -> Option<String> {
        text.parse::<Self>().err().map(|error| error.to_string())
    }
}

/// A time to live that cannot be parsed or is out of range.
///
/// ```
/// use admin_endpoints::loglevel::Ttl;
///
/// assert_eq!(
///     "30d".parse::<Ttl>().unwrap_err().to_string(),
///     "Invalid ttl: 30d (give a number with a unit, such as 30s, 10m or 2h, of at most 7d)"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTtl {
    given: Box<str>,
}

impl fmt::Display for InvalidTtl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invalid ttl: {} (give {})", self.given, Ttl::EXPECTED)
    }
}

impl std::error::Error for InvalidTtl {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ttl_is_a_number_with_a_unit() {
        for (given, millis) in [("10m", 600_000), ("1h 30m", 5_400_000), ("250ms", 250)] {
            let ttl: Ttl = given.parse().unwrap();
            assert_eq!(ttl.as_duration(), Duration::from_millis(millis), "{given}");
        }
        assert_eq!("7d".parse::<Ttl>().unwrap().as_duration(), MAX_TTL);
    }

    #[test]
    fn invalid_ttl_is_named_in_the_error() {
        for given in ["", "10", "0s", "-1s", "8d", "soon", "99999999999999999999d"] {
            let text = given.parse::<Ttl>().unwrap_err().to_string();
            let start = format!("Invalid ttl: {given} (give a number");
            assert!(text.starts_with(&start), "{text}");
        }
        let text = Ttl::try_from(Duration::ZERO).unwrap_err().to_string();
        assert!(text.starts_with("Invalid ttl: 0s (give"), "{text}");
        let text = "x".repeat(1000).parse::<Ttl>().unwrap_err().to_string();
        assert!(text.len() < 250, "{text}");
    }
}
