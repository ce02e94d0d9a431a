//! Which signals a thread or a handler blocks.

use libc::c_int;

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

/// Blocks every signal but faults and `allowed` in the calling thread, so that no handler of the
/// application runs there.
pub(crate) fn block_application_signals(allowed: c_int) {
    let mut set = all_but_faults();
    // SAFETY: the set is initialised; the mask is this thread's own.
    unsafe {
        libc::sigdelset(&mut set, allowed);
        libc::pthread_sigmask(libc::SIG_SETMASK, &set, std::ptr::null_mut());
    }
}
