//! Numbers as the exposition format writes them.

/// Appends an integer.
#[inline]
pub(crate) fn push_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends the shortest text that reads back as the same float: `3`, `0.25`, `1e300`, `NaN`,
/// `+Inf`, `-Inf`.
#[inline]
pub(crate) fn push_f64(out: &mut Vec<u8>, value: f64) {
    /// Below it every integer is a float and the other way round.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.abs() < EXACT && value.trunc() == value {
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
    fn the_odd_ones() {
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
        fn every_float_reads_back(bits: u64) {
            let value = f64::from_bits(bits);
            let back: f64 = text(value).parse().unwrap();
            prop_assert!(back == value || (back.is_nan() && value.is_nan()));
        }
    }
}
