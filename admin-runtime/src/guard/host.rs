//! Rejects unknown `Host` names, which prevents DNS rebinding.

use std::net::Ipv6Addr;
use std::sync::OnceLock;

use http::uri::Authority;
use http::{HeaderMap, HeaderValue, header};

use crate::response::AdminError;
use crate::text::excerpt;

/// Longest host that a message repeats, in characters.
const MAX_QUOTED_CHARS: usize = 100;

/// Longest authority that is remembered, in bytes.
const MAX_REMEMBERED_BYTES: usize = 64;

/// How many authorities are remembered: a server with several listeners is asked by several.
const REMEMBERED: usize = 4;

/// The names a server answers to beyond loopback names and IP addresses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    allowed: Vec<String>,
    /// The first `Host` headers that were checked: most requests have one of them, which is not
    /// parsed again.
    checked: [OnceLock<Box<[u8]>>; REMEMBERED],
}

impl Hosts {
    pub(crate) fn allow(&mut self, name: impl Into<String>) {
        let name = name.into().to_ascii_lowercase();
        let name = name.strip_suffix('.').unwrap_or(&name);
        self.allowed.push(name.to_owned());
    }

    /// The authority a request was sent to. Any port is accepted: tunnels change it.
    ///
    /// # Errors
    ///
    /// 400 where there is none, or several that differ; 403 for a name that is not allowed.
    pub(crate) fn authority_of<'a>(
        &self,
        headers: &'a HeaderMap,
        target: &'a Target,
    ) -> Result<&'a str, AdminError> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next();
        if hosts.next().is_some() {
            return Err(AdminError::bad_request("More than one Host header"));
        }
        let authority = match (target, host) {
            (Target::Header, Some(host)) => return self.check_header(host),
            (Target::Is(authority), _) => authority.as_str(),
            (Target::Header, None) | (Target::Missing, _) => {
                return Err(AdminError::bad_request("Missing header Host"));
            }
            (Target::WithoutPath, _) => {
                return Err(AdminError::bad_request(
                    "The request target has no path: expected /PATH",
                ));
            }
            (Target::Invalid, _) => return Err(invalid_host()),
        };
        self.check(authority)?;
        Ok(authority)
    }

    /// The authority of a request that no name has led to the server, such as one over a Unix socket;
    /// empty if there is none.
    pub(crate) fn unchecked_authority<'a>(headers: &'a HeaderMap, target: &'a Target) -> &'a str {
        match target {
            Target::Is(authority) => authority.as_str(),
            _ => {
                let host = headers.get(header::HOST);
                host.and_then(|host| host.to_str().ok()).unwrap_or_default()
            }
        }
    }

    fn check_header<'a>(&self, host: &'a HeaderValue) -> Result<&'a str, AdminError> {
        let bytes = host.as_bytes();
        let text = host.to_str().map_err(|_| invalid_host())?;
        let mut checked = self.checked.iter().map_while(OnceLock::get);
        if checked.any(|checked| **checked == *bytes) {
            return Ok(text);
        }
        Authority::try_from(bytes).map_err(|_| invalid_host())?;
        self.check(text)?;
        let free = self.checked.iter().find(|slot| slot.get().is_none());
        if let Some(slot) = free.filter(|_| bytes.len() <= MAX_REMEMBERED_BYTES) {
            let _ = slot.set(bytes.into()); // another request may have taken it
        }
        Ok(text)
    }

    /// Whether a request for this authority may go on.
    fn check(&self, authority: &str) -> Result<(), AdminError> {
        if authority.contains('@') {
            return Err(invalid_host());
        }
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
        self.allowed
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// The authority of a request, from its target and its `Host` header.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// That of the header, if there is one: the target has none.
    Header,
    /// That of the target; the header agrees, or is missing.
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
        let Some(target) = absolute else {
            return Self::Header;
        };
        let host = headers.get(header::HOST);
        match host.map(|host| Authority::try_from(host.as_bytes())) {
            None => Self::Is(target),
            Some(Ok(host)) if target == host => Self::Is(host),
            Some(_) => Self::Invalid,
        }
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

/// `u16` alone would accept a sign.
fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
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
            "127.0.0.1:",
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
        let hosts = Hosts::default();
        let is = |text: &str| Target::Is(text.parse().unwrap());
        let mut headers = HeaderMap::new();
        let authority = hosts
            .authority_of(&headers, &is("10.0.0.1:1"))
            .map(str::to_owned);
        assert_eq!(authority.unwrap(), "10.0.0.1:1");
        for target in [
            is("localhost:1@evil.example"),
            Target::Header,
            Target::Missing,
            Target::Invalid,
            Target::WithoutPath,
        ] {
            let error = hosts.authority_of(&headers, &target).expect_err("refused");
            assert_eq!(error.status(), http::StatusCode::BAD_REQUEST);
        }
        headers.append(header::HOST, "localhost".parse().unwrap());
        assert_eq!(
            hosts.authority_of(&headers, &Target::Header).unwrap(),
            "localhost"
        );
        headers.append(header::HOST, "b".parse().unwrap());
        assert!(hosts.authority_of(&headers, &is("localhost")).is_err());
    }

    #[test]
    fn remembering_hosts_changes_no_answer() {
        let hosts = Hosts::default();
        let status = |host: &str| {
            let host = HeaderValue::from_bytes(host.as_bytes()).unwrap();
            let headers = HeaderMap::from_iter([(header::HOST, host)]);
            let authority = hosts
                .authority_of(&headers, &Target::Header)
                .map(str::to_owned);
            authority.map_err(|error| error.status().as_u16())
        };
        for host in ["", "a b", "user@localhost", "localhost:80:90", "h\u{f6}st"] {
            assert_eq!(status(host), Err(400), "{host}");
        }
        for _ in 0..2 {
            assert_eq!(status("evil.example"), Err(403));
            assert_eq!(status("LOCALHOST:7000"), Ok("LOCALHOST:7000".to_owned()));
            assert_eq!(status("localhost:7000"), Ok("localhost:7000".to_owned()));
            assert_eq!(status("localhost:70000"), Err(400));
            assert_eq!(status("localhost:7000.evil.example"), Err(400));
            for port in 1..=2 * REMEMBERED {
                let host = format!("127.0.0.1:{port}");
                assert_eq!(status(&host), Ok(host.clone()));
            }
        }
    }
}
