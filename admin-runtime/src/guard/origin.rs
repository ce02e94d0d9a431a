//! The cross-site guard of writes and of sensitive reads: a browser says where a request comes from.

use std::net::IpAddr;

use http::{HeaderMap, HeaderValue, header};

use crate::response::AdminError;

/// The ports of URLs without one.
pub(crate) const HTTP_PORT: u16 = 80;
pub(crate) const HTTPS_PORT: u16 = 443;

/// What a request was sent to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServedOrigin<'a> {
    pub(crate) authority: &'a str,
    /// The port of an authority without one; `None` where a proxy or an application hides whether the
    /// client speaks TLS.
    pub(crate) default_port: Option<u16>,
}

/// Refuses a write that a page of another origin sent.
///
/// # Errors
///
/// 403 for an `Origin` that is not the authority the request came to, port included, and for a
/// `Sec-Fetch-Site` that is another site, or another port of this one: `<img>` requests carry no
/// `Origin`. Browsers send neither to an address that is not trustworthy, such as 0.0.0.0, so that
/// address and the `Referer` of another origin are refused too. Clients that send none of these
/// headers are not browsers and are allowed.
pub(crate) fn same_origin(headers: &HeaderMap, served: ServedOrigin<'_>) -> Result<(), AdminError> {
    let ServedOrigin { authority, .. } = served;
    if is_unspecified(authority) {
        let what = format!("Host {authority} is not the address of a server");
        return Err(refusal(&what, "writes"));
    }
    check_page(headers, served, "writes")
}

/// Refuses a read of sensitive data that a page of another origin sent: it could not see the answer,
/// but its requests could use up streams and profiles. What a user opens, by a link or by hand, is
/// allowed.
///
/// # Errors
///
/// 403 as for a write, but not for the address 0.0.0.0.
pub(crate) fn same_origin_read(
    headers: &HeaderMap,
    served: ServedOrigin<'_>,
) -> Result<(), AdminError> {
    let says = |name: &str, expected: &[u8]| {
        let value = headers.get(name);
        value.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(expected))
    };
    if says("sec-fetch-mode", b"navigate") && says("sec-fetch-dest", b"document") {
        return Ok(());
    }
    check_page(headers, served, "reads of sensitive data")
}

fn refusal(what: &str, requests: &str) -> AdminError {
    AdminError::forbidden(format!("{what}: cross-site {requests} are refused"))
}

/// Refuses what a page of another origin sent.
fn check_page(
    headers: &HeaderMap,
    served: ServedOrigin<'_>,
    requests: &str,
) -> Result<(), AdminError> {
    let refused = |what: String| Err(refusal(&what, requests));
    let sites = headers.get_all("sec-fetch-site");
    for site in ["cross-site", "same-site"] {
        let is_site = |sent: &HeaderValue| sent.as_bytes().eq_ignore_ascii_case(site.as_bytes());
        if sites.iter().any(is_site) {
            return refused(format!("Sec-Fetch-Site is {site}"));
        }
    }
    let referers = headers.get_all(header::REFERER);
    if referers.iter().any(|page| !is_page_of(page, served)) {
        return refused("Referer is a page of another origin".to_owned());
    }
    let foreign = |origin: &&HeaderValue| !is_origin_of(origin, served);
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

/// 0.0.0.0 or [::], which some systems connect to this machine.
fn is_unspecified(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<IpAddr>();
    address.is_ok_and(|address| address.to_canonical().is_unspecified())
}

/// Whether a page is of this server. The page may be named by its origin alone.
fn is_page_of(page: &HeaderValue, served: ServedOrigin<'_>) -> bool {
    let Ok(text) = page.to_str() else {
        return false;
    };
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let origin = format!("{scheme}://{}", &rest[..end]);
    HeaderValue::try_from(origin).is_ok_and(|origin| is_origin_of(&origin, served))
}

fn is_origin_of(origin: &HeaderValue, served: ServedOrigin<'_>) -> bool {
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let (port, host) = match origin.split_once("://") {
        Some(("http", host)) => (HTTP_PORT, host),
        Some(("https", host)) => (HTTPS_PORT, host),
        _ => return false,
    };
    // Whoever is between a browser and the server can send it a page over HTTP.
    if served.default_port == Some(HTTPS_PORT) && port == HTTP_PORT {
        return false;
    }
    let own_port = served.default_port.unwrap_or(port);
    with_port(host, port) == with_port(served.authority, own_port)
}

/// A host and its port, in lower case.
fn with_port(authority: &str, default_port: u16) -> String {
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    let has_port = port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    let mut whole = authority.to_ascii_lowercase();
    if !has_port {
        whole.push_str(&format!(":{default_port}"));
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(authority: &str) -> ServedOrigin<'_> {
        ServedOrigin {
            authority,
            default_port: Some(HTTP_PORT),
        }
    }

    fn check(name: &'static str, value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        same_origin(&headers, plain("127.0.0.1:7000")).is_ok()
    }

    #[test]
    fn only_the_same_authority_passes() {
        assert!(same_origin(&HeaderMap::new(), plain("127.0.0.1:7000")).is_ok());
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
        assert!(!check("sec-fetch-site", "Cross-Site"));
        assert!(!check("sec-fetch-site", "same-site"));
        assert!(check("sec-fetch-site", "same-origin"));
        assert!(check("sec-fetch-site", "none"));
    }

    #[test]
    fn pages_over_http_are_foreign_to_tls() {
        let served = ServedOrigin {
            authority: "127.0.0.1:7443",
            default_port: Some(HTTPS_PORT),
        };
        let check = |name: &'static str, value: &'static str| {
            let headers = HeaderMap::from_iter([(
                http::HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )]);
            same_origin(&headers, served).is_ok()
        };
        for name in ["origin", "referer"] {
            assert!(check(name, "https://127.0.0.1:7443"), "{name}");
            assert!(!check(name, "http://127.0.0.1:7443"), "{name}");
        }
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        for page in [
            "http://127.0.0.1:7000/",
            "http://127.0.0.1:7000",
            "http://127.0.0.1:7000/?from=http://evil.example",
        ] {
            assert!(check("referer", page), "{page}");
        }
        for page in [
            "http://evil.example/",
            "http://evil.example/http://127.0.0.1:7000",
            "http://127.0.0.1:7001/",
            "http://127.0.0.1:7000.evil.example/",
            "about:blank",
        ] {
            assert!(!check("referer", page), "{page}");
        }
    }

    #[test]
    fn writes_to_an_unspecified_address_are_refused() {
        for authority in [
            "0.0.0.0:7000",
            "0.0.0.0",
            "[::]:7000",
            "[::]",
            "[::ffff:0.0.0.0]:1",
        ] {
            assert!(
                same_origin(&HeaderMap::new(), plain(authority)).is_err(),
                "{authority}"
            );
        }
        for authority in [
            "127.0.0.1:7000",
            "[::1]:7000",
            "[::1]",
            "10.0.0.1",
            "localhost:1",
        ] {
            assert!(
                same_origin(&HeaderMap::new(), plain(authority)).is_ok(),
                "{authority}"
            );
        }
    }

    #[test]
    fn sensitive_reads_of_other_pages_are_refused() {
        let check = |sent: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in sent {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            same_origin_read(&headers, plain("0.0.0.0:7000")).is_ok()
        };
        let site = ("sec-fetch-site", "cross-site");
        let navigate = ("sec-fetch-mode", "navigate");
        assert!(check(&[]), "not a browser");
        assert!(check(&[site, navigate, ("sec-fetch-dest", "document")]));
        assert!(!check(&[site, navigate, ("sec-fetch-dest", "iframe")]));
        assert!(!check(&[site, ("sec-fetch-mode", "no-cors")]));
        assert!(!check(&[("origin", "https://evil.example")]));
        assert!(!check(&[("referer", "https://evil.example/")]));
        assert!(check(&[("origin", "http://0.0.0.0:7000")]));
    }

    #[test]
    fn the_default_port_may_be_omitted() {
        let mut headers = HeaderMap::new();
        headers.insert("origin", HeaderValue::from_static("http://Admin.example"));
        assert!(same_origin(&headers, plain("admin.example:80")).is_ok());
        assert!(same_origin(&headers, plain("admin.example")).is_ok());
        assert!(same_origin(&headers, plain("admin.example:443")).is_err());
    }
    #[test]
    fn scheme_decides_about_a_missing_port() {
        let check = |origin: &'static str, authority, default_port| {
            let served = ServedOrigin {
                authority,
                default_port,
            };
            let origin = HeaderValue::from_static(origin);
            let headers = HeaderMap::from_iter([(header::ORIGIN, origin)]);
            same_origin(&headers, served).is_ok()
        };
        let (http, https) = (Some(HTTP_PORT), Some(HTTPS_PORT));
        assert!(!check("https://localhost", "localhost", http));
        assert!(check("https://localhost:80", "localhost", http));
        assert!(!check("http://localhost", "localhost", https));
        assert!(check("https://localhost", "localhost", https));
        assert!(check("https://localhost", "localhost:443", http));
        assert!(check("https://localhost", "localhost", None));
        assert!(check("https://[::1]", "[::1]", None));
        assert!(!check("https://[::1]", "[::1]", http));
    }
}
