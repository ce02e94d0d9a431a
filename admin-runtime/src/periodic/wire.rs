//! How values are serialised: seconds with three places, times in UTC.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};

/// A number of thousandths.
pub(super) fn thousandths(count: u64) -> f64 {
    count as f64 / 1000.0
}

/// Seconds, rounded to three places.
pub(super) fn rounded_seconds(value: Duration) -> f64 {
    let nanos = u64::from(value.subsec_nanos());
    thousandths(
        value
            .as_secs()
            .saturating_mul(1000)
            .saturating_add((nanos + 500_000) / 1_000_000),
    )
}

pub(super) fn seconds<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(rounded_seconds(*value))
}

pub(super) fn optional_seconds<S: Serializer>(
    value: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.map(rounded_seconds).serialize(serializer)
}

/// Milliseconds, rounded to three places.
pub(super) fn milliseconds<S: Serializer>(
    value: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let nanos = u64::from(value.subsec_nanos());
    let micros = value
        .as_secs()
        .saturating_mul(1_000_000)
        .saturating_add((nanos + 500) / 1000);
    serializer.serialize_f64(thousandths(micros))
}

/// The time since 1970; a clock set before that counts as 1970.
pub(super) fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// `2025-01-01T00:00:00`, in UTC.
pub(super) fn utc<S: Serializer>(
    value: &Option<SystemTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.map(utc_text).serialize(serializer)
}

/// RFC 3339 without the zone; a time before 1970 or after 9999 is shown as the nearest valid one.
fn utc_text(time: SystemTime) -> String {
    const END_OF_9999: Duration = Duration::from_secs(253_402_300_799);
    let time = UNIX_EPOCH + since_1970(time).min(END_OF_9999);
    let mut text = humantime::format_rfc3339_seconds(time).to_string();
    text.truncate(text.trim_end_matches('Z').len());
    text
}

pub(super) fn shared_text<S: Serializer>(
    value: &Arc<str>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value)
}

pub(super) fn shared<T: Serialize, S: Serializer>(
    value: &Option<Arc<T>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.as_deref().serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_three_places() {
        for (nanos, shown) in [
            (0, 0.0),
            (499_999, 0.0),
            (500_000, 0.001),
            (999_499_999, 0.999),
            (999_500_000, 1.0),
            (120_500_000_000, 120.5),
        ] {
            let rounded = rounded_seconds(Duration::from_nanos(nanos));
            assert_eq!(rounded, shown, "{nanos}");
        }
        assert!(rounded_seconds(Duration::MAX).is_finite());
    }

    #[test]
    fn milliseconds_have_three_places() {
        let shown =
            |nanos| milliseconds(&Duration::from_nanos(nanos), serde_json::value::Serializer);
        assert_eq!(shown(1_234_567).unwrap(), 1.235);
        assert_eq!(shown(499).unwrap(), 0.0);
    }

    #[test]
    fn times_are_utc_without_a_suffix() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00"),
            (951_782_400, "2000-02-29T00:00:00"),
            (1_735_689_600, "2025-01-01T00:00:00"),
            (4_107_542_399, "2100-02-28T23:59:59"),
            (253_402_300_799, "9999-12-31T23:59:59"),
            (999_999_999_999, "9999-12-31T23:59:59"),
        ] {
            assert_eq!(utc_text(UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
        let before_1970 = UNIX_EPOCH - Duration::from_secs(5);
        assert_eq!(utc_text(before_1970), "1970-01-01T00:00:00");
    }
}
