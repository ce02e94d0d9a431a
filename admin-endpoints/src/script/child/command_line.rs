//! The command line of the zygote: how the server writes it and how the zygote recognises it.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// The first argument of the zygote; no program has a reason to pass it.
const MARKER: &str = "--admin-endpoints-script-zygote";

/// Starts the zygote with the other end of `control` as its standard input.
///
/// # Errors
///
/// When the system has no process to give, or `/proc` is not mounted.
pub(crate) fn spawn_zygote(control: OwnedFd) -> io::Result<Child> {
    // A link to the file that runs, even if it was replaced or deleted since.
    Command::new("/proc/self/exe")
        .arg0("admin-script")
        .args([MARKER, &std::process::id().to_string()])
        .env_clear()
        .process_group(0) // Ctrl-C in a terminal is for the program, which ends its scripts itself
        .stdin(Stdio::from(control))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// The process that started this one as a zygote, or `None` where this is not a zygote.
pub(super) fn server_of_zygote() -> Option<i32> {
    parse(arguments())
}

/// The C library of the GNU project passes arguments to constructors, which std relies on too.
#[cfg(target_env = "gnu")]
fn arguments() -> impl Iterator<Item = OsString> {
    std::env::args_os()
}

/// Other C libraries do not.
#[cfg(not(target_env = "gnu"))]
fn arguments() -> impl Iterator<Item = OsString> {
    use std::os::unix::ffi::OsStringExt;
    let line = std::fs::read("/proc/self/cmdline").unwrap_or_default();
    let arguments: Vec<_> = line
        .split(|byte| *byte == 0)
        .map(|argument| OsString::from_vec(argument.to_vec()))
        .collect();
    arguments.into_iter()
}

fn parse(arguments: impl Iterator<Item = OsString>) -> Option<i32> {
    let mut after_program = arguments.skip(1);
    let mut next = || after_program.next()?.into_string().ok();
    if next()? != MARKER {
        return None;
    }
    // No process has the number 0: a number that cannot be read is a server that has ended.
    Some(next().and_then(|text| text.parse().ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Option<i32> {
        parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn only_marker_makes_a_zygote() {
        assert_eq!(parsed(&["program"]), None);
        assert_eq!(parsed(&["program", "--help"]), None);
        assert_eq!(parsed(&["program", "x", MARKER]), None);
        assert_eq!(parsed(&["program", MARKER, "7"]), Some(7));
    }

    #[test]
    fn unreadable_number_names_no_process() {
        assert_eq!(parsed(&["program", MARKER, "x"]), Some(0));
        assert_eq!(parsed(&["program", MARKER]), Some(0));
    }
}
