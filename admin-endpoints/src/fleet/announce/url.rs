//! The address of a directory.

use std::path::{Path, PathBuf};

use admin_runtime::text::excerpt;
use http::Uri;

use crate::fleet::limits::MAX_QUOTED_CHARS;

/// Where a directory is: `http://HOST:PORT`, `https://HOST:PORT` or `unix:/PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DirectoryUrl {
    Tcp {
        is_tls: bool,
        /// Without brackets.
        host: String,
        port: u16,
        /// The value of `Host`.
        authority: String,
        /// Of a server that is mounted; empty or `/admin`.
        prefix: String,
    },
    Unix(PathBuf),
}

impl DirectoryUrl {
    /// # Errors
    ///
    /// What is expected.
    pub(super) fn parse(given: &str) -> Result<Self, String> {
        let invalid = || {
            format!(
                "Invalid address of a directory: '{}'; expected http://HOST:PORT, https://HOST:PORT \
                 (and /PREFIX of a server that is mounted) or unix:/PATH",
                excerpt(given, MAX_QUOTED_CHARS)
            )
        };
        if let Some(path) = given.strip_prefix("unix:") {
            let path = Path::new(path);
            let is_file = path.is_absolute() && path.file_name().is_some();
            return is_file
                .then(|| Self::Unix(path.to_owned()))
                .ok_or_else(invalid);
        }
        if given.contains(['@', '?', '#', '%']) {
            return Err(invalid());
        }
        let uri: Uri = given.parse().map_err(|_| invalid())?;
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(invalid()),
        };
        let authority = uri.authority().ok_or_else(invalid)?;
        let port = match (authority.port_u16(), is_tls) {
            (Some(0), _) => return Err(invalid()),
            (Some(port), _) => port,
            // A colon without a number, or a number that is not a port.
            (None, _) if authority.as_str() != authority.host() => return Err(invalid()),
            (None, true) => 443,
            (None, false) => 80,
        };
        let host = authority.host();
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        if host.is_empty() {
            return Err(invalid());
        }
        Ok(Self::Tcp {
            is_tls,
            host: host.to_owned(),
            port,
            authority: authority.to_string(),
            prefix: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// The value of `Host`.
    pub(super) fn authority(&self) -> &str {
        match self {
            Self::Tcp { authority, .. } => authority,
            Self::Unix(_) => "localhost",
        }
    }

    /// What comes before the paths of the routes.
    pub(super) fn prefix(&self) -> &str {
        match self {
            Self::Tcp { prefix, .. } => prefix,
            Self::Unix(_) => "",
        }
    }

    pub(super) fn is_tls(&self) -> bool {
        matches!(self, Self::Tcp { is_tls: true, .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(is_tls: bool, host: &str, port: u16, authority: &str, prefix: &str) -> DirectoryUrl {
        DirectoryUrl::Tcp {
            is_tls,
            host: host.to_owned(),
            port,
            authority: authority.to_owned(),
            prefix: prefix.to_owned(),
        }
    }

    #[test]
    fn addresses_of_directories_are_parsed() {
        for (given, expected) in [
            (
                "http://127.0.0.1:9000",
                tcp(false, "127.0.0.1", 9000, "127.0.0.1:9000", ""),
            ),
            ("http://h:9000/", tcp(false, "h", 9000, "h:9000", "")),
            ("https://h", tcp(true, "h", 443, "h", "")),
            ("http://h/admin/", tcp(false, "h", 80, "h", "/admin")),
            (
                "http://[::1]:9000",
                tcp(false, "::1", 9000, "[::1]:9000", ""),
            ),
            (
                "unix:/run/admin.sock",
                DirectoryUrl::Unix("/run/admin.sock".into()),
            ),
        ] {
            assert_eq!(DirectoryUrl::parse(given), Ok(expected), "{given}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for given in [
            "",
            "127.0.0.1:9000",
            "ftp://h:9000",
            "http://",
            "http://:9000",
            "http://h:",
            "http://h:0",
            "http://h:65536",
            "http://user@h:9000",
            "http://h:9000/?a=b",
            "http://h:9000/#f",
            "http://h h",
            "unix:",
            "unix:run/admin.sock",
            "unix:/",
            "/run/admin.sock",
        ] {
            let error = DirectoryUrl::parse(given).unwrap_err();
            assert!(
                error.contains("expected http://HOST:PORT"),
                "{given}: {error}"
            );
        }
    }
}
