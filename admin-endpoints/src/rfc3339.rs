//! Times as RFC 3339, whatever the wall clock is set to.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The last second of the year 9999, in seconds since 1970.
const LAST_SECOND: u64 = 253_402_300_799;

/// The nearest time that `humantime` can format: it fails before 1970, where a machine without a
/// battery may start, and after 9999.
pub(crate) fn nearest(time: SystemTime) -> SystemTime {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    UNIX_EPOCH + since_epoch.min(Duration::from_secs(LAST_SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_beyond_the_format_are_the_nearest() {
        let at = |time: SystemTime| humantime::format_rfc3339_seconds(nearest(time)).to_string();
        let day = Duration::from_secs(86_400);
        assert_eq!(at(UNIX_EPOCH - day), "1970-01-01T00:00:00Z");
        assert_eq!(at(UNIX_EPOCH + day), "1970-01-02T00:00:00Z");
        let last = UNIX_EPOCH + Duration::from_secs(LAST_SECOND);
        assert_eq!(at(last), "9999-12-31T23:59:59Z");
        assert_eq!(at(last + day), "9999-12-31T23:59:59Z");
    }
}
