//! A world of its own: no network but an empty one, no IPC, and, since its user namespace is a new
//! one too, no privilege outside it even where the program runs as root.

use std::{fs, io};

use rustix::thread::{UnshareFlags, unshare_unsafe};

/// What an unprivileged process can have if it has the first.
const OWN: UnshareFlags = UnshareFlags::NEWUSER
    .union(UnshareFlags::NEWNET)
    .union(UnshareFlags::NEWIPC)
    .union(UnshareFlags::NEWUTS);

/// Whether the running kernel has user namespaces and lets this process ask for one.
pub(super) fn is_there() -> bool {
    let allowed = fs::read_to_string("/proc/sys/user/max_user_namespaces");
    let allowed = allowed.is_ok_and(|most| most.trim() != "0");
    allowed && unshare(UnshareFlags::empty()).is_ok()
}

/// Enters namespaces of its own; whether it could. Only a process of one thread can.
pub(super) fn restrict() -> bool {
    unshare(OWN).is_ok()
}

fn unshare(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: `FILES` is not among the flags, so threads go on to share one table of files.
    Ok(unsafe { unshare_unsafe(flags) }?)
}
