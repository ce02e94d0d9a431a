//! Quality values of `Accept`, `Accept-Encoding` and similar headers.

use http::HeaderValue;

/// The weight of a media type (`text/html`) or a coding (`gzip`) in the values of its header, in
/// thousandths: that of the most specific range that covers it, as RFC 9110 section 12.4.2 says.
/// 0 if none does, so also without a value; a weight that does not parse is 0.
///
/// ```
/// use admin_runtime::accept::quality;
/// use admin_runtime::{HeaderValue, header};
///
/// let mut headers = admin_runtime::HeaderMap::new();
/// headers.append(header::ACCEPT, HeaderValue::from_static("text/html, text/*;q=0.5"));
/// headers.append(header::ACCEPT, HeaderValue::from_static("*/*;q=0.1"));
/// let accepted = headers.get_all(header::ACCEPT);
/// assert_eq!(quality(&accepted, "text/html"), 1000);
/// assert_eq!(quality(&accepted, "text/plain"), 500);
/// assert_eq!(quality(&accepted, "application/json"), 100);
/// ```
#[must_use]
pub fn quality<'a>(values: impl IntoIterator<Item = &'a HeaderValue>, name: &str) -> u16 {
    values
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|element| {
            let mut parts = element.split(';').map(str::trim);
            let specificity = specificity(parts.next()?, name)?;
            Some((specificity, parts.find_map(weight).unwrap_or(1000)))
        })
        .max()
        .map_or(0, |(_, weight)| weight)
}

/// How closely a range covers a name: the name itself, its type, everything.
fn specificity(range: &str, name: &str) -> Option<u8> {
    if range.eq_ignore_ascii_case(name) {
        return Some(2);
    }
    if range == "*" || range == "*/*" {
        return Some(0);
    }
    let (range_type, _) = range
        .split_once('/')
        .filter(|(_, subtype)| *subtype == "*")?;
    let (name_type, _) = name.split_once('/')?;
    range_type.eq_ignore_ascii_case(name_type).then_some(1)
}

/// The thousandths of `q=0.8`; `None` for another parameter.
fn weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let weight: f32 = value.trim().parse().unwrap_or(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 1000 after clamp, and NaN is 0"
    )]
    Some((weight.clamp(0.0, 1.0) * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_header(value: &'static str, name: &str) -> u16 {
        quality([&HeaderValue::from_static(value)], name)
    }

    #[test]
    fn the_most_specific_range_decides() {
        for (accept, expected) in [
            ("text/html", 1000),
            ("Text/HTML ; Q=0.5", 500),
            ("text/html;level=1;q=0.3", 300),
            ("text/html;q=0, */*", 0),
            ("*/*;q=0.2, text/*;q=0.7", 700),
            ("text/plain, application/*", 0),
            ("text/html;q=0.2, text/html", 1000),
            ("", 0),
            (";;,/,*/html", 0),
        ] {
            assert_eq!(in_header(accept, "text/html"), expected, "{accept}");
        }
    }

    #[test]
    fn codings_match_without_a_slash() {
        for (accepted, expected) in [
            ("deflate, gzip;q=0.5", 500),
            ("GZIP", 1000),
            ("*", 1000),
            ("gzip;q=0.000, *", 0),
            ("br", 0),
        ] {
            assert_eq!(in_header(accepted, "gzip"), expected, "{accepted}");
        }
    }

    #[test]
    fn weights_outside_the_range_are_clamped() {
        for (weight, expected) in [
            ("7", 1000),
            ("-1", 0),
            ("NaN", 0),
            ("x", 0),
            ("0.9999", 999),
        ] {
            let value = HeaderValue::from_str(&format!("gzip;q={weight}")).unwrap();
            assert_eq!(quality([&value], "gzip"), expected, "{weight}");
        }
    }

    #[test]
    fn values_that_are_not_text_are_skipped() {
        let opaque = HeaderValue::from_bytes(b"gzip;\xff").unwrap();
        let values = [&opaque, &HeaderValue::from_static("gzip;q=0.1")];
        assert_eq!(quality(values, "gzip"), 100);
    }
}
