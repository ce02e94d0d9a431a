//! The `Host` guard: DNS rebinding needs a name, so names must be known.

use std::net::Ipv6Addr;

use http::uri::Authority;
use http::{HeaderMap, header};

use crate::response::AdminError;

/// The names a server answers to beyond loopback names and IP addresses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    pub(crate) fn allow(&mut self, name: impl Into<String>) {
        self.0.push(name.into().to_ascii_lowercase());
    }

    /// Whether a request for this authority may go on. The port is ignored, for tunnels' sake.
    pub(crate) fn check(&self, authority: &str) -> Result<(), AdminError> {
        let name = host_of(authority);
        if is_address(name) || is_loopback_name(name) || self.knows(name) {
            return Ok(());
        }
        Err(AdminError::forbidden(format!(
            "Host '{}' is not allowed: use an IP address or localhost, or add it with allow_host",
            name.chars().take(100).collect::<String>().escape_debug()
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
        Target::Is(_) | Target::Invalid => Err(AdminError::bad_request(
            "Invalid header Host: expected NAME or NAME:PORT, the same as in the request target",
        )),
    }
}

/// The host part, without port; an IPv6 address keeps its brackets.
fn host_of(authority: &str) -> &str {
    let end = match authority.find(']') {
        Some(bracket) if authority.starts_with('[') => bracket + 1,
        _ => authority.find(':').unwrap_or(authority.len()),
    };
    &authority[..end]
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
    fn the_authority_is_one_name_without_a_user() {
        let is = |text: &str| Target::Is(text.parse().unwrap());
        let mut headers = HeaderMap::new();
        assert_eq!(authority_of(&headers, &is("a:1")).unwrap(), "a:1");
        for target in [
            is("localhost:1@evil.example"),
            Target::Missing,
            Target::Invalid,
        ] {
            let error = authority_of(&headers, &target).expect_err("refused");
            assert_eq!(error.status(), http::StatusCode::BAD_REQUEST);
        }
        headers.append(header::HOST, "a".parse().unwrap());
        headers.append(header::HOST, "b".parse().unwrap());
        assert!(authority_of(&headers, &is("a")).is_err());
    }
}
