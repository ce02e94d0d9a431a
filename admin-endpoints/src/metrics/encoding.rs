//! Whether a reply is compressed: only when asked for, and not on its way to the same machine.

use std::net::SocketAddr;

/// Whether the values of `Accept-Encoding` allow gzip.
///
/// Source: RFC 9110, section 12.5.3. What does not parse asks for nothing.
pub(crate) fn accepts_gzip<'a>(values: impl IntoIterator<Item = &'a str>) -> bool {
    let mut any = None;
    for entry in values.into_iter().flat_map(|value| value.split(',')) {
        let mut parts = entry.split(';').map(str::trim);
        let coding = parts.next().unwrap_or_default();
        let wanted = match parts
            .next()
            .map(|q| q.strip_prefix("q=").map(str::parse::<f32>))
        {
            None => true,
            Some(Some(Ok(q))) => q > 0.0,
            Some(_) => false,
        };
        if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
            return wanted;
        }
        if coding == "*" {
            any = Some(wanted);
        }
    }
    any.unwrap_or(false)
}

/// Whether bytes to this peer stay on the machine. A peer that nobody knows may be anywhere.
pub(crate) fn is_local(peer: Option<SocketAddr>) -> bool {
    peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_must_be_asked_for() {
        let table = [
            ("", false),
            ("gzip", true),
            ("GZIP", true),
            ("deflate, gzip;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip;q=0.000, *", false),
            ("*", true),
            ("*;q=0", false),
            ("br", false),
            ("gzip;q=a", false),
        ];
        for (value, expected) in table {
            assert_eq!(accepts_gzip([value]), expected, "{value}");
        }
        assert!(accepts_gzip(["br", "gzip"]));
        assert!(!accepts_gzip([]));
    }

    #[test]
    fn mapped_loopback_is_loopback() {
        for (peer, local) in [
            ("127.3.4.5:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("10.0.0.1:1", false),
        ] {
            assert_eq!(is_local(Some(peer.parse().unwrap())), local);
        }
        assert!(!is_local(None));
    }
}
