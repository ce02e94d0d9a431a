//! What is wrong with listeners before anything is opened.

use std::net::{IpAddr, SocketAddr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::description::{Listener, ListenerAddress};
use crate::registry::Problem;

/// Longest path of a Unix socket, in bytes: `sun_path` without its final zero.
const MAX_SOCKET_PATH_BYTES: usize = 107;

/// The bits of a mode that a socket may have, and those that its server needs.
const PERMISSION_BITS: u32 = 0o777;
const OWNER_BITS: u32 = 0o600;

/// The address of a text such as `127.0.0.1:7000` or `localhost:7000`.
///
/// # Errors
///
/// What is expected.
pub(crate) fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let numeric = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    numeric.parse().map_err(|_| address_problem(text))
}

/// What is expected of an address, and what a text without a part of it is meant to be.
fn address_problem(text: &str) -> String {
    let expected = "expected an IP address and a port such as 127.0.0.1:7000, or localhost:7000";
    let port = text.strip_prefix(':').unwrap_or(text);
    let meant = match (port.parse::<u16>(), text.parse::<IpAddr>()) {
        (Ok(port), _) => Some(format!("127.0.0.1:{port}")),
        (_, Ok(ip)) => Some(SocketAddr::from((ip, 7000)).to_string()),
        _ if text == "localhost" => Some("localhost:7000".to_owned()),
        _ => None,
    };
    let hint = meant.map(|meant| format!(": write {meant:?}"));
    format!("{expected}{}", hint.unwrap_or_default())
}

/// All problems of all listeners, those of their endpoints excepted.
pub(crate) fn problems(listeners: &[Listener]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, listener) in listeners.iter().enumerate() {
        let mut reject = |setting: String, reason: String| {
            problems.push(Problem::Setting { setting, reason });
        };
        let name = listener.address.setting();
        let is_given_twice = listeners[..at]
            .iter()
            .any(|other| other.is_at_same_place(listener));
        if is_given_twice {
            reject(name.clone(), "given twice".to_owned());
        }
        if let Some(reason) = listener.address.problem() {
            reject(name.clone(), reason);
        }
        for (option, reason) in listener.option_problems() {
            reject(format!("{name}.{option}"), reason);
        }
    }
    problems
}

impl ListenerAddress {
    /// As it is written.
    fn setting(&self) -> String {
        match self {
            Self::Tcp(address) => format!("Listener::tcp({address:?})"),
            Self::Unix(path) => format!("Listener::unix({path:?})"),
            #[cfg(feature = "systemd")]
            Self::Systemd(name) => format!("Listener::systemd({name:?})"),
        }
    }

    fn problem(&self) -> Option<String> {
        match self {
            Self::Tcp(address) => parse_address(address).err(),
            Self::Unix(path) => socket_path_problem(path),
            #[cfg(feature = "systemd")]
            Self::Systemd(name) => name.is_empty().then(|| {
                "expected the FileDescriptorName= of a socket unit, such as admin".to_owned()
            }),
        }
    }
}

fn socket_path_problem(path: &Path) -> Option<String> {
    let bytes = path.as_os_str().as_bytes();
    if bytes.is_empty() || bytes.contains(&0) {
        return Some("expected a path such as /run/app/admin.sock".to_owned());
    }
    let length = bytes.len();
    (length > MAX_SOCKET_PATH_BYTES).then(|| {
        format!("the path has {length} bytes: expected at most {MAX_SOCKET_PATH_BYTES}, which is the limit of the system")
    })
}

impl Listener {
    /// Two ports that the kernel chooses differ.
    fn is_at_same_place(&self, other: &Self) -> bool {
        let port_zero = |text: &str| text.ends_with(":0");
        match (&self.address, &other.address) {
            (ListenerAddress::Tcp(one), ListenerAddress::Tcp(_)) if port_zero(one) => false,
            (one, two) => one == two,
        }
    }

    fn option_problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        if let Some(mode) = self.unix.mode {
            let option = format!("mode({mode:#o})");
            if !matches!(self.address, ListenerAddress::Unix(_)) {
                let reason = "only Listener::unix(..) creates a file that has a mode";
                problems.push((option, reason.to_owned()));
            } else if mode & !PERMISSION_BITS != 0 || mode & OWNER_BITS != OWNER_BITS {
                let reason = "expected 0o600 to 0o777, such as 0o660";
                problems.push((option, reason.to_owned()));
            }
        }
        if !self.unix.allowed_uids.is_empty() && matches!(self.address, ListenerAddress::Tcp(_)) {
            let reason =
                "a TCP socket does not know the users of its clients: use Listener::unix(..)";
            problems.push(("allow_uids(..)".to_owned(), reason.to_owned()));
        }
        #[cfg(feature = "tls")]
        problems.extend(self.tls_problems());
        if self.only.as_ref().is_some_and(Vec::is_empty) {
            let reason = "expected at least one path, such as /metrics";
            problems.push(("only([])".to_owned(), reason.to_owned()));
        }
        problems
    }
}

#[cfg(feature = "tls")]
impl Listener {
    fn tls_problems(&self) -> Option<(String, String)> {
        let tls = self.tls.as_ref()?;
        let problem = |option: &str, reason: &str| Some((option.to_owned(), reason.to_owned()));
        if tls.certificates.as_os_str().is_empty() && tls.client_ca.is_some() {
            return problem(
                "client_ca(..)",
                "a client certificate needs TLS: add tls(..)",
            );
        }
        if !tls.allowed_clients.is_empty() && tls.client_ca.is_none() {
            return problem(
                "allow_clients(..)",
                "without a CA there are no client certificates: add client_ca(..)",
            );
        }
        if matches!(self.address, ListenerAddress::Unix(_)) {
            return problem(
                "tls(..)",
                "nobody reads along on a Unix socket: TLS is for TCP",
            );
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_without_a_part_is_corrected() {
        for (given, meant) in [
            ("7001", "127.0.0.1:7001"),
            (":7001", "127.0.0.1:7001"),
            ("10.0.0.1", "10.0.0.1:7000"),
            ("::1", "[::1]:7000"),
            ("localhost", "localhost:7000"),
        ] {
            let problem = parse_address(given).unwrap_err();
            let text = format!("localhost:7000: write {meant:?}");
            assert!(problem.ends_with(&text), "{given}: {problem}");
        }
        for given in ["", "here", "admin.example:80", "127.0.0.1:99999"] {
            let problem = parse_address(given).unwrap_err();
            assert!(problem.ends_with("or localhost:7000"), "{given}: {problem}");
        }
    }

    fn texts(listeners: &[Listener]) -> Vec<String> {
        problems(listeners)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn all_problems_are_reported_together() {
        let found = texts(&[
            Listener::tcp("here").mode(0o600).allow_uids([1]),
            Listener::unix("/run/a.sock").mode(0o4600),
            Listener::unix("/run/a.sock").mode(0o060),
            Listener::unix(""),
            Listener::unix("/".repeat(108)),
            Listener::tcp("127.0.0.1:1").only(Vec::<String>::new()),
        ]);
        let expected = [
            "here\"): expected an IP address",
            "mode(0o600): only Listener::unix",
            "allow_uids(..): a TCP socket does not know",
            "mode(0o4600): expected 0o600 to 0o777",
            "\"/run/a.sock\"): given twice",
            "mode(0o60): expected 0o600 to 0o777",
            "expected a path such as",
            "the path has 108 bytes: expected at most 107",
            "only([]): expected at least one path",
        ];
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found}");
        }
    }

    #[test]
    fn usable_listeners_have_no_problem() {
        let found = texts(&[
            Listener::tcp("localhost:0"),
            Listener::tcp("localhost:0"),
            Listener::tcp("[::1]:7000"),
            Listener::unix("/run/a.sock").mode(0o660).allow_uids([1000]),
            Listener::unix("b.sock").only(["/"]),
        ]);
        assert_eq!(found, [""; 0]);
    }
}
