//! Numbers in the text exposition format.

/// Appends an integer.
#[inline]
pub(super) fn push_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends the shortest text that parses to the same float: `3`, `0.25`, `1e300`, `NaN`, `+Inf`,
/// `-Inf`.
#[inline]
pub(super) fn push_f64(out: &mut Vec<u8>, value: f64) {
    /// 2^53: every integer below it is an exact `f64`.
    const MAX_EXACT_INTEGER: f64 = 9_007_199_254_740_992.0;
    if value.abs() < MAX_EXACT_INTEGER && value.trunc() == value {
        out.extend_from_slice(itoa::Buffer::new().format(value as i64).as_bytes());
    } else if value.is_finite() {
        out.extend_from_slice(ryu::Buffer::new().format_finite(value).as_bytes());
    } else if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else {
        out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(value: f64) -> String {
        let mut out = Vec::new();
        push_f64(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn special_values_have_their_text() {
        let table = [
            (0.0, "0"),
            (-0.0, "0"),
            (-3.0, "-3"),
            (0.25, "0.25"),
            (1e300, "1e300"),
            (5e-324, "5e-324"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (9_007_199_254_740_991.0, "9007199254740991"),
        ];
        for (value, expected) in table {
            assert_eq!(text(value), expected);
        }
    }

    proptest! {
        #[test]
        fn every_float_parses_back(bits: u64) {
            let value = f64::from_bits(bits);
            let back: f64 = text(value).parse().unwrap();
            prop_assert!(back == value || (back.is_nan() && value.is_nan()));
        }
    }
}
