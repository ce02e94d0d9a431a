//! Closing descriptors that a process must not have.

use std::io;
use std::os::fd::RawFd;

/// Closes every descriptor except standard input, output and error.
///
/// # Errors
///
/// Returns the error of close_range(2), which Linux has since 5.9.
///
/// # Safety
///
/// No value that owns a descriptor may be used or dropped afterwards.
pub(super) unsafe fn close_all() -> io::Result<()> {
    // SAFETY: as the caller promises.
    unsafe { close_range(3, libc::c_uint::MAX) }
}

/// Closes every descriptor except standard input, output and error, and `kept`.
///
/// # Errors
///
/// As [`close_all`].
///
/// # Safety
///
/// No value that owns another descriptor than `kept` may be used or dropped afterwards.
pub(super) unsafe fn close_all_except(kept: RawFd) -> io::Result<()> {
    let kept = kept.unsigned_abs(); // no open descriptor has a negative number
    if kept > 3 {
        // SAFETY: as the caller promises.
        unsafe { close_range(3, kept - 1) }?;
    }
    // SAFETY: as the caller promises.
    unsafe { close_range(kept + 1, libc::c_uint::MAX) }
}

/// # Safety
///
/// No value that owns a descriptor of this range may be used or dropped afterwards.
unsafe fn close_range(first: libc::c_uint, last: libc::c_uint) -> io::Result<()> {
    // SAFETY: the call takes three numbers; what closing may break is the caller's promise.
    match unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
