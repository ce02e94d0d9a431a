//! A timer on the CPU time of one thread, whose signal that thread receives.
//!
//! A thread that waits uses no CPU time: its timer does not expire, and nothing interrupts it.
//! The system calls are used directly: the C library keeps IDs of timers in its own form.

use std::io;
use std::time::Duration;

use libc::{c_int, clockid_t};

use super::session_table::SampleTicket;
use super::signal::SampleSignal;

/// The clock of a thread's CPU time, as `pthread_getcpuclockid` makes it.
fn cpu_clock(tid: u64) -> clockid_t {
    const PER_THREAD_SCHEDULER_TIME: clockid_t = 0b110;
    (!(tid as clockid_t)) << 3 | PER_THREAD_SCHEDULER_TIME
}

fn clock_time(clock: clockid_t) -> Option<Duration> {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the result is a valid place to write to; an unknown clock is an error.
    if unsafe { libc::clock_gettime(clock, &mut time) } != 0 {
        return None;
    }
    let seconds = u64::try_from(time.tv_sec).ok()?;
    Some(Duration::new(seconds, u32::try_from(time.tv_nsec).ok()?))
}

/// The CPU time that a thread has used; `None` if it has exited.
pub(super) fn thread_cpu_time(tid: u64) -> Option<Duration> {
    clock_time(cpu_clock(tid))
}

/// The CPU time that the process has used.
pub(super) fn process_cpu_time() -> Duration {
    clock_time(libc::CLOCK_PROCESS_CPUTIME_ID).unwrap_or_default()
}

/// Nanoseconds between two ticks of the kernel, which looks at timers of CPU time at ticks only.
pub(super) fn kernel_tick() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the result is a valid place to write to; the coarse clock advances with the tick.
    let result = unsafe { libc::clock_getres(libc::CLOCK_MONOTONIC_COARSE, &mut time) };
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or(0);
    if result == 0 { nanoseconds } else { 0 }
}

/// The timer of one thread; deleted when this is dropped.
#[derive(Debug)]
pub(super) struct ThreadTimer {
    /// The kernel's ID.
    id: c_int,
}

impl ThreadTimer {
    /// Starts a timer that expires after `first` nanoseconds of the thread's CPU time, and then
    /// every `period` nanoseconds.
    ///
    /// # Errors
    ///
    /// `EAGAIN` if the process has as many timers and queued signals as it may
    /// (`RLIMIT_SIGPENDING`), `EINVAL` if the thread has exited.
    pub(super) fn start(
        tid: u64,
        signal: SampleSignal,
        ticket: SampleTicket,
        first: u64,
        period: u64,
    ) -> io::Result<Self> {
        // SAFETY: all-zero bytes are a valid sigevent.
        let mut event: libc::sigevent = unsafe { std::mem::zeroed() };
        event.sigev_notify = libc::SIGEV_THREAD_ID;
        event.sigev_signo = signal.number();
        event.sigev_notify_thread_id = tid as c_int;
        event.sigev_value.sival_ptr = ticket.to_value() as *mut libc::c_void;
        let mut id: c_int = 0;
        // SAFETY: the kernel reads the event and writes the ID, and both outlive the call. A thread
        // of another process is refused.
        let result = unsafe {
            libc::syscall(
                libc::SYS_timer_create,
                cpu_clock(tid),
                &raw const event,
                &raw mut id,
            )
        };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
        let timer = Self { id };
        let setting = libc::itimerspec {
            it_interval: timespec(period),
            it_value: timespec(first.max(1)),
        };
        let old: *mut libc::itimerspec = std::ptr::null_mut();
        // SAFETY: the kernel reads the setting, which outlives the call.
        let result =
            unsafe { libc::syscall(libc::SYS_timer_settime, id, 0, &raw const setting, old) };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(timer)
    }
}

impl Drop for ThreadTimer {
    fn drop(&mut self) {
        // SAFETY: the ID is that of a timer of this process, which is deleted once.
        unsafe { libc::syscall(libc::SYS_timer_delete, self.id) };
    }
}

fn timespec(nanoseconds: u64) -> libc::timespec {
    libc::timespec {
        tv_sec: (nanoseconds / 1_000_000_000) as libc::time_t,
        tv_nsec: (nanoseconds % 1_000_000_000) as libc::c_long,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stacks::clock::own_tid;

    #[test]
    fn a_thread_clock_is_as_documented() {
        let mut clock = 0;
        // SAFETY: the thread is the calling one, and the result is a valid place to write to.
        let result = unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &mut clock) };
        assert_eq!(result, 0);
        assert_eq!(cpu_clock(own_tid()), clock);
        assert!(thread_cpu_time(own_tid()) > Some(Duration::ZERO));
        assert!(process_cpu_time() >= thread_cpu_time(own_tid()).unwrap());
        assert_eq!(thread_cpu_time(1 << 28), None);
        assert!((1..=10_000_000).contains(&kernel_tick()));
    }
}
