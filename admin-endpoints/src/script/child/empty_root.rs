//! An empty, read-only root directory instead of the program's files.

use rustix::io::Errno;
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use rustix::process::{chdir, pivot_root};

/// Makes an empty file system the root of this process, which has a mount namespace of its own;
/// returns whether it could.
pub(super) fn enter() -> bool {
    replace_root().is_ok()
}

/// Mounts an empty file system over `/proc`, a directory that is certain to exist: it was read
/// before.
///
/// # Errors
///
/// Returns the error of mount(2).
pub(super) fn cover_proc() -> Result<(), Errno> {
    let flags = MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount(c"none", c"/proc", c"tmpfs", flags, c"mode=555")
}

fn replace_root() -> Result<(), Errno> {
    cover_proc()?;
    chdir(c"/proc")?;
    // The old root is mounted on top of the new one, from where it is detached.
    pivot_root(c".", c".")?;
    unmount(c".", UnmountFlags::DETACH)?;
    chdir(c"/")
}
