//! The text of a float that lies halfway between two texts of the fewest digits.
//!
//! CPython ends it with the even digit, the engine with the odd one: `69746.13696289062` is
//! `71420044.25 / 1024` there, and `69746.13696289063` here.

/// Such a float has at least so many digits.
const MIN_DIGITS: usize = 15;

/// More digits than the exact value of such a float has behind those of its text.
const MORE_DIGITS: usize = 24;

/// Whether a text contains a float with the odd digit.
pub(super) fn has_odd_digit(text: &str) -> bool {
    !odd_digits(text).is_empty()
}

/// The text with the even digit, for each float that has the odd one.
pub(super) fn with_even_digits(mut text: String) -> String {
    for at in odd_digits(&text) {
        let Some(even) = text.as_bytes().get(at).map(|digit| char::from(digit - 1)) else {
            continue;
        };
        text.replace_range(at..=at, even.encode_utf8(&mut [0; 4]));
    }
    text
}

/// The places of the digits.
fn odd_digits(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = number_end(bytes, at);
        if end == at {
            at += 1;
            continue;
        }
        // The exponent counts for the value.
        let exponent = exponent_end(bytes, end);
        if let (Some(number), Some(value)) = (text.get(at..end), text.get(at..exponent))
            && is_odd_half(number, value)
        {
            found.push(end - 1);
        }
        at = exponent;
    }
    found
}

/// Behind digits and points.
fn number_end(bytes: &[u8], start: usize) -> usize {
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let rest = bytes.get(start..).unwrap_or_default();
    start + rest.iter().take_while(|byte| is_part(byte)).count()
}

/// Behind `e-05`, if it is there.
fn exponent_end(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    let [b'e', b'+' | b'-', digits @ ..] = rest else {
        return start;
    };
    start
        + 2
        + digits
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
}

fn is_odd_half(number: &str, value: &str) -> bool {
    let digits: String = number.chars().filter(|letter| *letter != '.').collect();
    let digits = digits.trim_start_matches('0');
    let Some(last) = digits.bytes().last() else {
        return false;
    };
    if digits.len() < MIN_DIGITS || last % 2 == 0 || number.matches('.').count() != 1 {
        return false;
    }
    let Ok(value) = value.parse::<f64>() else {
        return false;
    };
    let exact = format!("{value:.*e}", digits.len() - 1 + MORE_DIGITS);
    let exact: String = exact
        .chars()
        .take_while(|letter| *letter != 'e')
        .filter(|letter| *letter != '.')
        .collect();
    let Some((begin, rest)) = exact.split_at_checked(digits.len()) else {
        return false;
    };
    let is_half = rest
        .strip_prefix('5')
        .is_some_and(|zeros| zeros.trim_matches('0').is_empty());
    let Some((same, even)) = begin.split_at_checked(digits.len() - 1) else {
        return false;
    };
    is_half && digits.starts_with(same) && even.bytes().eq([last - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halfway_floats_end_with_the_even_digit() {
        for (odd, even) in [
            ("69746.13696289063", "69746.13696289062"),
            ("-593453043196252.3", "-593453043196252.2"),
            ("[1, 82350829.37695313]", "[1, 82350829.37695312]"),
            ("x186434076.90820313ms", "x186434076.90820312ms"),
        ] {
            assert!(has_odd_digit(odd), "{odd}");
            assert_eq!(with_even_digits(odd.to_owned()), even);
        }
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "0.1",
            "0.30000000000000004",
            "69746.13696289062",
            "3.3333333333333335",
            "1234567890123456789",
            "1.2.3.4567890123456789",
            "1e+16 2.5e-05 4.76837158203125e-06",
            "é 12345678901234567.89",
            "",
        ] {
            assert!(!has_odd_digit(text), "{text}");
            assert_eq!(with_even_digits(text.to_owned()), text);
        }
    }
}
