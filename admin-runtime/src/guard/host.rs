//! Rejects unknown `Host` names, which prevents DNS rebinding.

use std::net::Ipv6Addr;

use http::uri::Authority;
use http::{HeaderMap, header};

use crate::response::AdminError;
use crate::text::excerpt;

/// Longest host that a message repeats, in characters.
const MAX_QUOTED_CHARS: usize = 100;

/// The names a server answers to beyond loopback names and IP addresses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    pub(crate) fn allow(&mut self, name: impl Into<String>) {
        self.0.push(name.into().to_ascii_lowercase());
    }

    /// Whether a request for this authority may go on. Any port is accepted: tunnels change it.
    pub(crate) fn check(&self, authority: &str) -> Result<(), AdminError> {
        let name = host_of(authority).ok_or_else(invalid_host)?;
        if is_address(name) || is_loopback_name(name) || self.knows(name) {
            return Ok(());
        }
        Err(AdminError::forbidden(format!(
            "Host '{}' is not allowed: use an IP address or localhost, or add it with allow_host",
            excerpt(name, MAX_QUOTED_CHARS)
        )))
    }

    fn knows(&self, name: &str) -> bool {
        let name = name.strip_suffix('.').unwrap_or(name);
        self.0.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// The authority of a request, put together from its target and its `Host` header.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// Both agree, or one is there.
    Is(Authority),
    /// Neither is there.
    Missing,
    /// They differ, or one is not an authority.
    Invalid,
    /// The target is an authority alone (`CONNECT localhost:80`), so that nothing can be routed.
    WithoutPath,
}

impl Target {
    /// The authority of an absolute target (a proxy's request, `:authority` of HTTP/2), of the
    /// header, or of both.
    pub(crate) fn from_request(absolute: Option<Authority>, headers: &HeaderMap) -> Self {
        let Some(host) = headers.get(header::HOST) else {
            return absolute.map_or(Self::Missing, Self::Is);
        };
        match (absolute, Authority::try_from(host.as_bytes())) {
            (None, Ok(host)) => Self::Is(host),
            (Some(target), Ok(host)) if target == host => Self::Is(host),
            _ => Self::Invalid,
        }
    }
}

/// The authority a request was sent to.
///
/// # Errors
///
/// 400 where there is none, or several that differ.
pub(crate) fn authority_of<'a>(
    headers: &HeaderMap,
    target: &'a Target,
) -> Result<&'a str, AdminError> {
    if headers.get_all(header::HOST).iter().nth(1).is_some() {
        return Err(AdminError::bad_request("More than one Host header"));
    }
    match target {
        Target::Is(authority) if !authority.as_str().contains('@') => Ok(authority.as_str()),
        Target::Missing => Err(AdminError::bad_request("Missing header Host")),
        Target::WithoutPath => Err(AdminError::bad_request(
            "The request target has no path: expected /PATH",
        )),
        Target::Is(_) | Target::Invalid => Err(invalid_host()),
    }
}

/// The host part, without port; an IPv6 address keeps its brackets. `None` if something other than
/// a port follows it.
fn host_of(authority: &str) -> Option<&str> {
    let end = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, rest) = authority.split_at(end);
    let is_valid = rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port);
    is_valid.then_some(host)
}

/// RFC 3986 allows an empty port.
fn is_port(text: &str) -> bool {
    text.is_empty()
        || (text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok())
}

fn invalid_host() -> AdminError {
    AdminError::bad_request(
        "Invalid header Host: expected NAME or NAME:PORT, the same as in the request target",
    )
}

fn is_address(host: &str) -> bool {
    let v6 = host
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'));
    v6.is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok())
        || host.parse::<std::net::Ipv4Addr>().is_ok()
}

fn is_loopback_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_loopback_names_pass_with_any_port() {
        let hosts = Hosts::default();
        for host in [
            "127.0.0.1",
            "10.1.2.3:99",
            "[::1]:7000",
            "[fe80::1]",
            "127.0.0.1:",
            "localhost:65535",
            "localhost:1",
            "LOCALHOST",
            "a.localhost",
        ] {
            assert!(hosts.check(host).is_ok(), "{host}");
        }
    }

    #[test]
    fn other_names_must_be_configured() {
        let mut hosts = Hosts::default();
        hosts.allow("Admin.Example");
        assert!(hosts.check("admin.example:80").is_ok());
        assert!(hosts.check("admin.example.").is_ok());
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "[evil]",
            "notlocalhost",
            "1.2.3",
        ] {
            let error = hosts.check(host).expect_err(host);
            assert_eq!(error.status(), http::StatusCode::FORBIDDEN, "{host}");
        }
    }

    #[test]
    fn only_a_port_follows_the_host() {
        for host in [
            "[::1].evil.example",
            "[::1]evil",
            "[::1]:80.evil",
            "[::1",
            "127.0.0.1:abc",
            "127.0.0.1:99999",
            "localhost:+80",
            "localhost:80:90",
        ] {
            let error = Hosts::default().check(host).expect_err(host);
            assert_eq!(error.status(), http::StatusCode::BAD_REQUEST, "{host}");
        }
    }

    #[test]
    fn the_authority_is_one_name_without_a_user() {
        let is = |text: &str| Target::Is(text.parse().unwrap());
        let mut headers = HeaderMap::new();
        assert_eq!(authority_of(&headers, &is("a:1")).unwrap(), "a:1");
        for target in [
            is("localhost:1@evil.example"),
            Target::Missing,
            Target::Invalid,
            Target::WithoutPath,
        ] {
            let error = authority_of(&headers, &target).expect_err("refused");
            assert_eq!(error.status(), http::StatusCode::BAD_REQUEST);
        }
        headers.append(header::HOST, "a".parse().unwrap());
        headers.append(header::HOST, "b".parse().unwrap());
        assert!(authority_of(&headers, &is("a")).is_err());
    }
}
