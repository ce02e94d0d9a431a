//! Sockets that systemd has passed to the process.

use std::io;
use std::net::TcpListener;
use std::os::fd::{BorrowedFd, OwnedFd, RawFd};
use std::os::unix::net::UnixListener;

use socket2::{Domain, Socket, Type};

use super::listening_socket::ListeningSocket;

/// The sockets of this name. They are duplicates, so that a server of the same process can be started
/// again.
///
/// # Errors
///
/// Why there is none, with the names that there are.
pub(super) fn inherited(name: &str) -> Result<Vec<ListeningSocket>, String> {
    let pid = std::env::var("LISTEN_PID").ok();
    if let Some(reason) = passed_to_another_process(pid.as_deref(), std::process::id()) {
        return Err(reason);
    }
    // The variables stay: removing them would race with other threads.
    let passed = sd_notify::listen_fds_with_names();
    let passed: Vec<(RawFd, String)> = passed
        .map_err(|error| format!("what systemd has passed cannot be read: {error}"))?
        .collect();
    let named = passed.iter().filter(|(_, passed)| passed == name);
    let sockets: Vec<_> = named
        .map(|(descriptor, _)| listening(*descriptor))
        .collect::<Result<_, _>>()?;
    if sockets.is_empty() {
        return Err(not_passed(passed.into_iter().map(|(_, name)| name)));
    }
    Ok(sockets)
}

/// The names of the sockets that systemd has passed and nobody of these uses; empty if they cannot be read.
pub(crate) fn unclaimed_names(claimed: &[&str]) -> Vec<String> {
    let pid = std::env::var("LISTEN_PID").ok();
    if passed_to_another_process(pid.as_deref(), std::process::id()).is_some() {
        return Vec::new();
    }
    let Ok(passed) = sd_notify::listen_fds_with_names() else {
        return Vec::new();
    };
    let names = passed.map(|(_, name)| name);
    let mut names: Vec<_> = names
        .filter(|name| !claimed.contains(&name.as_str()))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A shell that starts the program leaves the variables, and is not the program.
fn passed_to_another_process(pid: Option<&str>, own: u32) -> Option<String> {
    let pid: u32 = pid?.parse().ok()?;
    (pid != own).then(|| {
        format!("systemd has passed its sockets to process {pid} (LISTEN_PID), and this one is {own}: start the program itself from the unit, or with `exec` from its script")
    })
}

fn not_passed(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        "systemd has passed no socket to this process".to_owned()
    } else {
        format!("systemd has passed only: {}", names.join(", "))
    }
}

fn listening(descriptor: RawFd) -> Result<ListeningSocket, String> {
    let unreadable = |error: io::Error| format!("descriptor {descriptor}: {error}");
    let socket = Socket::from(duplicate(descriptor).map_err(unreadable)?);
    let kind = socket.r#type().map_err(unreadable)?;
    if kind != Type::STREAM || !socket.is_listener().map_err(unreadable)? {
        return Err(format!(
            "descriptor {descriptor} is not a socket that listens for streams: expected ListenStream= and Accept=no"
        ));
    }
    let domain = socket.domain().map_err(unreadable)?;
    socket.set_nonblocking(true).map_err(unreadable)?;
    match domain {
        Domain::IPV4 | Domain::IPV6 => Ok(ListeningSocket::Tcp(TcpListener::from(socket))),
        Domain::UNIX => Ok(ListeningSocket::Unix(UnixListener::from(socket))),
        _ => Err(format!(
            "descriptor {descriptor} is neither a TCP nor a Unix socket"
        )),
    }
}

fn duplicate(descriptor: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: `listen_fds_with_names` has just called fcntl on this descriptor, so that it is open; it
    // was opened before the program began, and is owned by nothing in it.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    borrowed.try_clone_to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_of_another_process_are_not_used() {
        let reason = passed_to_another_process(Some("1"), 7).unwrap_or_default();
        assert!(
            reason.contains("to process 1 (LISTEN_PID), and this one is 7"),
            "{reason}"
        );
        for pid in [None, Some("7"), Some("x")] {
            assert_eq!(passed_to_another_process(pid, 7), None, "{pid:?}");
        }
    }

    #[test]
    fn missing_names_are_listed() {
        assert_eq!(
            not_passed(std::iter::empty()),
            "systemd has passed no socket to this process"
        );
        let names = ["web", "admin", "web"].map(str::to_owned).into_iter();
        assert_eq!(not_passed(names), "systemd has passed only: admin, web");
    }
}
