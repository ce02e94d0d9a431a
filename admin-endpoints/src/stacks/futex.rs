//! Waits for a word in memory to change. To wake is async-signal-safe.

use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// Wakes every thread that waits for the word.
pub(crate) fn wake_all(word: &AtomicU32) {
    futex(word, libc::FUTEX_WAKE, i32::MAX as u32, None);
}

/// Sleeps until the word is not `seen`, or the timeout expires. It may return earlier.
pub(crate) fn wait(word: &AtomicU32, seen: u32, timeout: Duration) {
    futex(word, libc::FUTEX_WAIT, seen, Some(timeout));
}

fn futex(word: &AtomicU32, operation: i32, value: u32, timeout: Option<Duration>) {
    let limit = timeout.map(|limit| libc::timespec {
        tv_sec: limit.as_secs() as libc::time_t,
        tv_nsec: i64::from(limit.subsec_nanos()),
    });
    let limit = limit
        .as_ref()
        .map_or(std::ptr::null(), |limit| &raw const *limit);
    let operation = operation | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word and the limit outlive the call, and the kernel only reads them.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, value, limit) };
}
