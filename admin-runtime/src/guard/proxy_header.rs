//! Headers that proxies add: the connection comes from the proxy, not from the client.

use http::{HeaderMap, HeaderName, header};

/// What the names of such headers contain: addresses of clients and what else is forwarded.
const PARTS: [&str; 8] = [
    "forwarded",
    "-cdn-",
    "client-cert",
    "clientcert",
    "clientip",
    "realip",
    "ssl-client",
    "x-original-",
];

/// What only names of headers with an address end with, such as `X-Real-IP`.
const ADDRESS_SUFFIX: &str = "-ip";

/// How the headers of one proxy begin.
const PREFIXES: [&str; 18] = [
    "cdn-",
    "cf-",
    "cloudfront-",
    "fastly-",
    "fly-",
    "tailscale-",
    "x-akamai-",
    "x-amz-cf-",
    "x-amzn-oidc-",
    "x-appengine-",
    "x-arr-",
    "x-auth-request-",
    "x-azure-",
    "x-cloud-trace-",
    "x-envoy-",
    "x-goog-",
    "x-remote-",
    "x-vercel-",
];

const NAMES: [&str; 13] = [
    "client-ip",
    "front-end-https",
    "remote-addr",
    "remote-user",
    "surrogate-capability",
    "via",
    "x-amzn-trace-id",
    "x-host",
    "x-nginx-proxy",
    "x-real-port",
    "x-rewrite-url",
    "x-scheme",
    "x-varnish",
];

/// Whether a request came through a proxy that says so.
pub(super) fn is_proxied(headers: &HeaderMap) -> bool {
    headers
        .keys()
        .any(|name| !is_common(name) && is_proxy_header(name))
}

/// Whether it is a name that most requests have: these are compared as numbers.
fn is_common(name: &HeaderName) -> bool {
    *name == header::HOST
        || *name == header::USER_AGENT
        || *name == header::ACCEPT
        || *name == header::CONTENT_LENGTH
        || *name == header::CONTENT_TYPE
        || *name == header::CONNECTION
        || *name == header::ACCEPT_ENCODING
        || *name == header::AUTHORIZATION
}

fn is_proxy_header(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.ends_with(ADDRESS_SUFFIX)
        || NAMES.contains(&name)
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || PARTS.iter().any(|part| has_part(name, part))
}

/// Names are short: setting up the search of `str::contains` takes longer.
fn has_part(name: &str, part: &str) -> bool {
    let mut places = name.as_bytes().windows(part.len());
    places.any(|place| place == part.as_bytes())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn is_proxied_by(name: &str) -> bool {
        let name: HeaderName = name.parse().unwrap();
        is_proxied(&HeaderMap::from_iter([(
            name,
            HeaderValue::from_static("x"),
        )]))
    }

    #[test]
    fn headers_of_proxies_are_known() {
        for name in "Ali-Cdn-Real-Ip CDN-Loop CF-Connecting-IP CF-Ray Client-IP CloudFront-Viewer-Address DO-Connecting-IP \
             Fastly-Client-IP Fly-Client-IP Forwarded Forwarded-For Front-End-Https Incap-Client-IP \
             Remote-User SSL-Client-Verify Surrogate-Capability Tailscale-User-Login True-Client-IP Via \
             X-Amz-Cf-Id X-Amzn-Trace-Id X-Appengine-User-Ip X-ARR-ClientCert X-Azure-ClientIP X-Client-Cert \
             X-Cluster-Client-IP X-Envoy-External-Address X-Envoy-Internal X-Forwarded X-Forwarded-Client-Cert \
             X-Forwarded-For X-Forwarded-Proto X-NginX-Proxy X-Original-Forwarded-For X-Original-Host \
             X-ProxyUser-Ip X-Real-IP X-Remote-IP X-Scheme X-SSL-Client-Cert X-Sucuri-ClientIP X-Varnish \
             X-Cloud-Trace-Context X-Host X-Real-Port X-Rewrite-URL X-Vercel-Forwarded-For"
            .split_whitespace()
        {
            assert!(is_proxied_by(name), "{name}");
        }
    }

    #[test]
    fn headers_of_clients_are_not_of_proxies() {
        for name in "Accept Accept-Encoding Authorization Baggage Cache-Control Connection Content-Length \
             Content-Type Cookie DNT Host If-None-Match Max-Forwards Origin Pragma Referer Sec-Fetch-Site TE \
             Traceparent Tracestate Upgrade-Insecure-Requests User-Agent X-B3-TraceId X-Client-Version \
             X-CSRF-Token X-Prometheus-Scrape-Timeout-Seconds X-Request-Id X-Requested-With X-User Zip"
            .split_whitespace()
        {
            assert!(!is_proxied_by(name), "{name}");
        }
    }
}
