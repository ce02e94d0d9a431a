//! Durations as people write them: `"250ms"`, `"10s"`, `"1m30s"`.

use std::ops::Range;
use std::time::Duration;

use syn::LitStr;

use crate::literal::error_inside;

/// The units, longest first, with their length in nanoseconds.
const UNITS: &[(&str, u64)] = &[
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

/// Reads a duration above zero.
pub(crate) fn parse(literal: &LitStr) -> syn::Result<Duration> {
    parse_text(&literal.value())
        .map_err(|Wrong { bytes, message }| error_inside(literal, bytes, message))
}

#[derive(Debug, PartialEq, Eq)]
struct Wrong {
    bytes: Range<usize>,
    message: String,
}

/// Numbers and units by turns, the longer unit first, each unit once.
fn parse_text(text: &str) -> Result<Duration, Wrong> {
    let wrong = |bytes: Range<usize>, message: String| Err(Wrong { bytes, message });
    if text.is_empty() {
        return wrong(
            0..0,
            "a duration is a number and a unit: `10s`, `250ms`, `1m30s`".to_owned(),
        );
    }
    let (mut total, mut at, mut smaller) = (0u64, 0, UNITS);
    while at < text.len() {
        let digits = run(&text[at..], |c| c.is_ascii_digit());
        let unit_at = at + digits;
        let unit = &text[unit_at..unit_at + run(&text[unit_at..], |c| !c.is_ascii_digit())];
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
                "no fractions: write `1s500ms`, not `1.5s`".to_owned(),
            );
        }
        let Some(position) = UNITS.iter().position(|(name, _)| *name == unit) else {
            let message = format!("`{unit}` is no unit: write `ms`, `s`, `m`, `h` or `d`");
            return wrong(unit_at..end, message);
        };
        let taken = UNITS.len() - smaller.len();
        if position < taken {
            let message = "each unit once, the longer first: `1m30s`".to_owned();
            return wrong(at..end, message);
        }
        let length = number
            .parse()
            .ok()
            .and_then(|n: u64| n.checked_mul(UNITS[position].1));
        let Some(sum) = length.and_then(|length| total.checked_add(length)) else {
            return wrong(at..end, "too long: at most 213503d".to_owned());
        };
        (total, at, smaller) = (sum, end, &UNITS[position + 1..]);
    }
    if total == 0 {
        return wrong(0..text.len(), "a duration is above zero".to_owned());
    }
    Ok(Duration::from_nanos(total))
}

/// The length in bytes of the leading characters that belong.
fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_with_units() {
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
    fn points_at_what_is_wrong() {
        for (text, bytes, message) in [
            ("", 0..0, "a number and a unit"),
            ("10", 0..2, "write `10s`"),
            ("1m30", 2..4, "write `30s`"),
            ("10parsecs", 2..9, "`parsecs` is no unit"),
            ("1.5s", 1..2, "no fractions"),
            ("s", 0..1, "a number before `s`"),
            ("-5s", 0..1, "a number before `-`"),
            ("10 s", 2..4, "` s` is no unit"),
            ("30s1m", 3..5, "the longer first"),
            ("1s1s", 2..4, "each unit once"),
            ("0s", 0..2, "above zero"),
            ("99999999999999999999s", 0..21, "too long"),
            ("213504d", 0..7, "too long"),
        ] {
            let wrong = parse_text(text).expect_err(text);
            assert_eq!(wrong.bytes, bytes, "{text}: {}", wrong.message);
            assert!(wrong.message.contains(message), "{text}: {}", wrong.message);
        }
    }
}
