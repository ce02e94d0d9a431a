//! The cross-site guard of writes: a browser says where a request comes from.

use http::{HeaderMap, HeaderValue, header};

use crate::response::AdminError;

/// Refuses a write that a page of another origin sent.
///
/// # Errors
///
/// 403 for an `Origin` that is not the authority the request came to, port included, and for a
/// `Sec-Fetch-Site` that is another site, or another port of this one: `<img>` requests carry no
/// `Origin`. Clients that send neither header are not browsers and are allowed.
pub(crate) fn same_origin(headers: &HeaderMap, authority: &str) -> Result<(), AdminError> {
    let refused = |what: String| {
        Err(AdminError::forbidden(format!(
            "{what}: cross-site writes are refused"
        )))
    };
    let sites = headers.get_all("sec-fetch-site");
    for site in ["cross-site", "same-site"] {
        if sites.iter().any(|sent| sent == site) {
            return refused(format!("Sec-Fetch-Site is {site}"));
        }
    }
    let foreign = |origin: &&HeaderValue| !is_origin_of(origin, authority);
    match headers.get_all(header::ORIGIN).iter().find(foreign) {
        Some(origin) => {
            let shown: String = String::from_utf8_lossy(origin.as_bytes())
                .chars()
                .take(100)
                .collect();
            refused(format!(
                "Origin '{}' is not this server",
                shown.escape_debug()
            ))
        }
        None => Ok(()),
    }
}

fn is_origin_of(origin: &HeaderValue, authority: &str) -> bool {
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let (scheme_port, host) = match origin.split_once("://") {
        Some(("http", host)) => (":80", host),
        Some(("https", host)) => (":443", host),
        _ => return false,
    };
    let bare = |text: &str| {
        text.strip_suffix(scheme_port)
            .unwrap_or(text)
            .to_ascii_lowercase()
    };
    bare(host) == bare(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &'static str, value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        same_origin(&headers, "127.0.0.1:7000").is_ok()
    }

    #[test]
    fn only_the_same_authority_passes() {
        assert!(same_origin(&HeaderMap::new(), "127.0.0.1:7000").is_ok());
        assert!(check("origin", "http://127.0.0.1:7000"));
        for origin in [
            "http://127.0.0.1:7001",
            "http://127.0.0.1",
            "http://localhost:7000",
            "http://evil.example",
            "http://127.0.0.1:7000.evil.example",
            "null",
            "",
            "file://",
        ] {
            assert!(!check("origin", origin), "{origin}");
        }
        assert!(!check("sec-fetch-site", "cross-site"));
        assert!(!check("sec-fetch-site", "same-site"));
        assert!(check("sec-fetch-site", "same-origin"));
        assert!(check("sec-fetch-site", "none"));
    }

    #[test]
    fn the_default_port_may_be_omitted() {
        let mut headers = HeaderMap::new();
        headers.insert("origin", HeaderValue::from_static("http://Admin.example"));
        assert!(same_origin(&headers, "admin.example:80").is_ok());
        assert!(same_origin(&headers, "admin.example").is_ok());
        assert!(same_origin(&headers, "admin.example:443").is_err());
    }
}
