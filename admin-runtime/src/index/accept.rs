//! Which of two media types a client would rather have.

use http::HeaderMap;
use http::header::ACCEPT;

/// Whether a client likes `text/html` better than `application/json`: browsers do. One that takes
/// both alike, such as curl with its `*/*`, is a program.
pub(super) fn prefers_html(headers: &HeaderMap) -> bool {
    let accepted: Vec<&str> = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    quality("text", "html", &accepted) > quality("application", "json", &accepted)
}

/// The weight of a media type from 0 to 1000: that of the most specific range it is in, as RFC 9110
/// section 12.5.1 says.
fn quality(kind: &str, subtype: &str, accepted: &[&str]) -> u16 {
    let ranges = accepted.iter().filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let (range_kind, range_subtype) = parts.next()?.split_once('/')?;
        let is = |range: &str, name: &str| range.eq_ignore_ascii_case(name);
        let specificity = match (is(range_kind, kind), is(range_subtype, subtype)) {
            (true, true) => 2,
            (true, false) if range_subtype == "*" => 1,
            _ if range_kind == "*" && range_subtype == "*" => 0,
            _ => return None,
        };
        Some((specificity, parts.find_map(weight).unwrap_or(1000)))
    });
    ranges.max().map_or(0, |(_, weight)| weight)
}

/// The thousandths of `q=0.8`; nothing for another parameter.
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

    fn html(accept: &'static str) -> bool {
        let value = http::HeaderValue::from_static(accept);
        prefers_html(&HeaderMap::from_iter([(ACCEPT, value)]))
    }

    #[test]
    fn browsers_get_a_page() {
        for accept in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html",
            "Text/HTML ; Q=0.5, application/json;q=0.4",
            "text/*",
            "application/json;q=0, */*",
        ] {
            assert!(html(accept), "{accept}");
        }
    }

    #[test]
    fn programs_get_json() {
        assert!(!prefers_html(&HeaderMap::new()));
        for accept in [
            "*/*",
            "application/json",
            "application/json, text/html",
            "application/json, text/html;q=0.9",
            "application/json, text/plain, */*",
            "text/html;q=0, */*",
            "text/html;q=NaN",
            "text/html;q=x",
            "",
            ";;,/,",
        ] {
            assert!(!html(accept), "{accept}");
        }
    }
}
