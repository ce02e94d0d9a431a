//! The time of day for `datetime.now()` and `date.today()`, in UTC: the sandbox has no time zones.

use std::time::{SystemTime, UNIX_EPOCH};

use monty_types::{MontyDate, MontyDateTime, MontyObject, MontyTimeZone};

/// `date.today()`.
pub(super) fn today() -> MontyObject {
    let (seconds, _) = since_epoch();
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    MontyObject::Date(MontyDate { year, month, day })
}

/// `datetime.now(zone)`.
pub(super) fn now(zone: Option<&MontyTimeZone>) -> MontyObject {
    let (seconds, microsecond) = since_epoch();
    let offset = zone.map(|zone| zone.offset_seconds);
    let local = seconds + i64::from(offset.unwrap_or(0));
    let (year, month, day) = civil(local.div_euclid(86_400));
    let second_of_day = local.rem_euclid(86_400);
    let part = |seconds: i64| u8::try_from(seconds % 60).unwrap_or(0);
    MontyObject::DateTime(MontyDateTime {
        year,
        month,
        day,
        hour: u8::try_from(second_of_day / 3600).unwrap_or(0),
        minute: part(second_of_day / 60),
        second: part(second_of_day),
        microsecond,
        offset_seconds: offset,
        timezone_name: zone.and_then(|zone| zone.name.clone()),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the script asks for the time of day"
)]
fn since_epoch() -> (i64, u32) {
    let passed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    (
        i64::try_from(passed.as_secs()).unwrap_or(0),
        passed.subsec_micros(),
    )
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
///
/// The algorithm is Howard Hinnant's `civil_from_days`: years are counted from March, so that the
/// leap day is the last of the year, in eras of 400 years.
fn civil(days: i64) -> (i32, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let small = |n: i64| u8::try_from(n).unwrap_or(1);
    (
        i32::try_from(year).unwrap_or(1970),
        small(month),
        small(day),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_the_dates_of_the_calendar() {
        let cases = [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (11_016, (2000, 2, 29)),
            (20_454, (2026, 1, 1)),
            (47_541, (2100, 3, 1)),
        ];
        for (days, date) in cases {
            assert_eq!(civil(days), date, "{days}");
        }
    }
}
