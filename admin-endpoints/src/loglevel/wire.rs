//! How values of this module are written as JSON and in headers.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use serde::Serializer;
use tracing::level_filters::LevelFilter;

use super::level::level_name;

/// A level by its name.
pub(super) fn level<S: Serializer>(level: &LevelFilter, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(level_name(*level))
}

/// A time as RFC 3339 in UTC, with seconds.
pub(super) fn rfc3339(time: SystemTime) -> impl Display {
    // The formatter rejects times before 1970, which a machine without a battery may start in.
    humantime::format_rfc3339_seconds(time.max(SystemTime::UNIX_EPOCH))
}

/// See [`rfc3339`].
pub(super) fn time<S: Serializer>(time: &SystemTime, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&rfc3339(*time))
}

/// An `Arc<str>`, which serde supports only with a feature.
pub(super) fn text<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(text)
}

/// A duration in seconds, truncated to milliseconds.
pub(super) fn seconds<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(duration.as_millis() as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_are_shown_as_1970() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(rfc3339(before).to_string(), "1970-01-01T00:00:00Z");
    }
}
