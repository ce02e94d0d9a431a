//! Parses durations: `"250ms"`, `"10s"`, `"1m30s"`.

use std::ops::Range;
use std::time::Duration;

use syn::LitStr;

use crate::literal::error_inside;

/// The units in descending order, in nanoseconds.
const UNITS: &[(&str, u64)] = &[
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

/// Parses a duration greater than zero.
pub(crate) fn parse(literal: &LitStr) -> syn::Result<Duration> {
    parse_text(&literal.value())
        .map_err(|DurationError { bytes, message }| error_inside(literal, bytes, message))
}

#[derive(Debug, PartialEq, Eq)]
struct DurationError {
    bytes: Range<usize>,
    message: String,
}

/// Parses numbers with units in descending order, each unit at most once.
fn parse_text(text: &str) -> Result<Duration, DurationError> {
    let wrong = |bytes: Range<usize>, message: String| Err(DurationError { bytes, message });
    if text.is_empty() {
        return wrong(
            0..0,
            "expected a number and a unit: `10s`, `250ms`, `1m30s`".to_owned(),
        );
    }
    let (mut total, mut at, mut smaller) = (0u64, 0, UNITS);
    while at < text.len() {
        let digits = prefix_len(&text[at..], |c| c.is_ascii_digit());
        let unit_at = at + digits;
        let unit = &text[unit_at..unit_at + prefix_len(&text[unit_at..], |c| !c.is_ascii_digit())];
        let end = unit_at + unit.len();
        let number = &text[at..unit_at];
        if digits == 0 {
            let message = format!("expected a number before `{unit}`: `10s`, `250ms`, `1m30s`");
            return wrong(at..end, message);
        }
        if unit.is_empty() {
            return wrong(
                at..end,
                format!("`{number}` has no unit: write `{number}s` or `{number}ms`"),
            );
        }
        if unit == "." {
            return wrong(
                unit_at..end,
                "fractions are not supported: write `1s500ms` instead of `1.5s`".to_owned(),
            );
        }
        let Some(position) = UNITS.iter().position(|(name, _)| *name == unit) else {
            let message = format!("`{unit}` is not a unit: write `ms`, `s`, `m`, `h` or `d`");
            return wrong(unit_at..end, message);
        };
        let taken = UNITS.len() - smaller.len();
        if position < taken {
            let message = "units must be unique and in descending order: `1m30s`".to_owned();
            return wrong(at..end, message);
        }
        let length = number
            .parse()
            .ok()
            .and_then(|n: u64| n.checked_mul(UNITS[position].1));
        let Some(sum) = length.and_then(|length| total.checked_add(length)) else {
            return wrong(at..end, "duration too long: at most 213503d".to_owned());
        };
        (total, at, smaller) = (sum, end, &UNITS[position + 1..]);
    }
    if total == 0 {
        return wrong(
            0..text.len(),
            "a duration must be greater than zero: write `10s` or `250ms`".to_owned(),
        );
    }
    Ok(Duration::from_nanos(total))
}

/// The length in bytes of the leading characters that match.
fn prefix_len(text: &str, matches: impl Fn(char) -> bool) -> usize {
    text.find(|c| !matches(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_units_are_parsed() {
        for (text, millis) in [
            ("250ms", 250),
            ("10s", 10_000),
            ("1m30s", 90_000),
            ("1h", 3_600_000),
            ("1d2h3m4s5ms", 93_784_005),
            ("1s0ms", 1_000),
        ] {
            assert_eq!(
                parse_text(text),
                Ok(Duration::from_millis(millis)),
                "{text}"
            );
        }
    }

    #[test]
    fn errors_mark_the_invalid_part() {
        for (text, bytes, message) in [
            ("", 0..0, "a number and a unit"),
            ("10", 0..2, "write `10s`"),
            ("1m30", 2..4, "write `30s`"),
            ("10parsecs", 2..9, "`parsecs` is not a unit"),
            ("1.5s", 1..2, "fractions are not supported"),
            ("s", 0..1, "a number before `s`"),
            ("-5s", 0..1, "a number before `-`"),
            ("10 s", 2..4, "` s` is not a unit"),
            ("30s1m", 3..5, "descending order"),
            ("1s1s", 2..4, "must be unique"),
            ("0s", 0..2, "greater than zero"),
            ("99999999999999999999s", 0..21, "too long"),
            ("213504d", 0..7, "too long"),
        ] {
            let wrong = parse_text(text).expect_err(text);
            assert_eq!(wrong.bytes, bytes, "{text}: {}", wrong.message);
            assert!(wrong.message.contains(message), "{text}: {}", wrong.message);
        }
    }
}
