//! The clocks that the task files use.

use std::time::Duration;

/// Time since boot, including suspend. Thread start times are relative to it.
pub(crate) fn since_boot() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the clock is one that every Linux has, and the result is a valid place to write to.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &mut time) };
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Converts clock ticks to a duration.
pub(crate) fn ticks(count: u64) -> Duration {
    // SAFETY: sysconf only returns a number.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    let per_second = u64::try_from(per_second)
        .ok()
        .filter(|rate| *rate > 0)
        .unwrap_or(100);
    Duration::from_millis(count.saturating_mul(1000) / per_second)
}

/// The calling thread's kernel ID, even where `/proc` is missing.
pub(crate) fn own_tid() -> u64 {
    // SAFETY: gettid only returns a number.
    u64::try_from(unsafe { libc::syscall(libc::SYS_gettid) }).unwrap_or(0)
}
