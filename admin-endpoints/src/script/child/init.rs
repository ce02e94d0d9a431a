//! The line in `main` that hands over, and both ends of starting the zygote.

use std::{
    ffi::OsString,
    io,
    os::{fd::OwnedFd, unix::process::CommandExt},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
};

use super::zygote;

/// The first argument of the zygote; no program has a reason to pass it.
const MARKER: &str = "--admin-endpoints-script-worker";

/// Whether `main` has the line. There is one `main` in a process.
static INITIALISED: AtomicBool = AtomicBool::new(false);

/// Hands the process over if it was started to run scripts; returns at once otherwise.
///
/// `POST /run_script` starts the same executable again, with an empty environment, and runs each
/// script in a child of that. It only works if this is the first line of `main`:
///
/// ```
/// # #[expect(clippy::needless_doctest_main)]
/// fn main() {
///     admin_endpoints::script::init();
///     // the program
/// }
/// ```
///
/// Without it the route answers 501 and says so. In a process that was started for scripts it
/// never returns.
pub fn init() {
    match server(std::env::args_os()) {
        None => INITIALISED.store(true, Ordering::Relaxed),
        Some(server) => zygote::serve(server),
    }
}

/// Whether [`init`] was called in this process.
pub(in crate::script) fn is_initialised() -> bool {
    INITIALISED.load(Ordering::Relaxed)
}

/// Starts the zygote, which takes orders from the other end of `socket`.
pub(in crate::script) fn start_zygote(socket: OwnedFd) -> io::Result<Child> {
    // A link to the file that runs, even if it was replaced or deleted since.
    Command::new("/proc/self/exe")
        .arg0("admin-script")
        .args([MARKER, &std::process::id().to_string()])
        .env_clear()
        .process_group(0) // Ctrl-C in a terminal is for the program, which ends its scripts itself
        .stdin(Stdio::from(socket))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// The process that started this one for scripts, if one did.
fn server(mut args: impl Iterator<Item = OsString>) -> Option<u64> {
    let mut next = || args.next()?.into_string().ok();
    let _program = next()?;
    if next()? != MARKER {
        return None;
    }
    // No process has the number 0: one that cannot be read is a server that has gone.
    Some(next().and_then(|text| text.parse().ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Option<u64> {
        server(args.iter().map(OsString::from))
    }

    #[test]
    fn only_the_marker_hands_over() {
        assert_eq!(parsed(&["program"]), None);
        assert_eq!(parsed(&["program", "--help"]), None);
        assert_eq!(parsed(&["program", "x", MARKER]), None);
        assert_eq!(parsed(&["program", MARKER, "7"]), Some(7));
    }

    #[test]
    fn an_unreadable_number_is_nobody() {
        assert_eq!(parsed(&["program", MARKER, "x"]), Some(0));
        assert_eq!(parsed(&["program", MARKER]), Some(0));
    }
}
