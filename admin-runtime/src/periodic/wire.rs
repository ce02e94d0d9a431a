//! How values are written on the wire: seconds to three places, times in UTC.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Serialize, Serializer};

use super::history::RunRecord;
use super::utc::Utc;

/// The number of so many thousandths.
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
    match value {
        Some(value) => seconds(value, serializer),
        None => serializer.serialize_none(),
    }
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

pub(super) fn utc<S: Serializer>(
    value: &Option<SystemTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(time) => serializer.serialize_str(Utc::of(*time).as_str()),
        None => serializer.serialize_none(),
    }
}

pub(super) fn shared_text<S: Serializer>(
    value: &Arc<str>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value)
}

pub(super) fn shared<S: Serializer>(
    value: &Option<Arc<RunRecord>>,
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
            assert_eq!(
                rounded_seconds(Duration::from_nanos(nanos)),
                shown,
                "{nanos}"
            );
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
}
