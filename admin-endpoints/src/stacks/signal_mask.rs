//! Which signals a thread or a handler blocks.

use std::sync::atomic::{AtomicI32, Ordering};

use libc::c_int;

/// The signal of the timers of profiles, once a profile has chosen it; 0 before.
static TIMER_SIGNAL: AtomicI32 = AtomicI32::new(0);

/// The real-time signals that a profile may choose, in this order. Programs number their own from the
/// lowest, and tools use the highest.
fn timer_signals() -> impl Iterator<Item = c_int> {
    (libc::SIGRTMIN()..libc::SIGRTMAX() - 1).rev()
}

/// The signal of the timers of profiles: the chosen one, otherwise the first that `is_unused`.
pub(crate) fn timer_signal(is_unused: impl FnMut(&c_int) -> bool) -> Option<c_int> {
    match TIMER_SIGNAL.load(Ordering::Acquire) {
        0 => timer_signals().find(is_unused),
        chosen => Some(chosen),
    }
}

/// Chooses the first signal that `install` accepts.
#[cfg(feature = "profile")]
pub(crate) fn choose_timer_signal(install: impl FnMut(&c_int) -> bool) -> Option<c_int> {
    let chosen = timer_signals().find(install)?;
    TIMER_SIGNAL.store(chosen, Ordering::Release);
    Some(chosen)
}

fn has_no_handler(signal: &c_int) -> bool {
    // SAFETY: a null new action only queries; the old one is plain memory for the kernel to write.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(*signal, std::ptr::null(), &mut action) == 0
            && action.sa_sigaction == libc::SIG_DFL
    }
}

/// Signals raised by a fault of the thread itself. If blocked, they kill without a handler.
const FAULT_SIGNALS: [c_int; 7] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGILL,
    libc::SIGFPE,
    libc::SIGTRAP,
    libc::SIGSYS,
    libc::SIGABRT,
];

/// Every signal but faults.
pub(crate) fn all_but_faults() -> libc::sigset_t {
    // SAFETY: the set is plain memory that sigfillset initialises.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut set);
        for signal in FAULT_SIGNALS {
            libc::sigdelset(&mut set, signal);
        }
        set
    }
}

/// Blocks every signal but faults, `allowed` and that of the timers of profiles in the calling
/// thread, so that no handler of the application runs there.
pub(crate) fn block_application_signals(allowed: c_int) {
    let timers = timer_signal(has_no_handler);
    let mut set = all_but_faults();
    // SAFETY: the set is initialised; the mask is this thread's own.
    unsafe {
        for signal in timers.into_iter().chain([allowed]) {
            libc::sigdelset(&mut set, signal);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &set, std::ptr::null_mut());
    }
}
