//! Signals that end a worker, so that its exit status tells which one it was.
//!
//! A worker is the first process of its PID namespace. For such a process the kernel ignores
//! signals without a handler that come from inside, which `abort` and the CPU limit rely on.

use std::ffi::c_int;

/// Added to a signal's number, as shells do.
pub(super) const SIGNAL_EXIT_BASE: c_int = 128;

/// Installs handlers that exit with the signal's number for `SIGABRT` and `SIGXCPU`, and the
/// default action for faults and for the ends of children. Forked processes inherit them.
pub(super) fn install() {
    let exit_with_number = exit_with_number as extern "C" fn(c_int) as libc::sighandler_t;
    for (signal, action) in [
        (libc::SIGABRT, exit_with_number),
        (libc::SIGXCPU, exit_with_number),
        // Rust's handler turns a stack overflow into an abort, which means exhausted memory here.
        (libc::SIGSEGV, libc::SIG_DFL),
        (libc::SIGBUS, libc::SIG_DFL),
        // Where the program ignored it, nobody could wait for workers.
        (libc::SIGCHLD, libc::SIG_DFL),
        // A write to a server that has ended fails instead.
        (libc::SIGPIPE, libc::SIG_IGN),
    ] {
        // SAFETY: the handler is async-signal-safe, the other actions need none, and the process
        // has no other thread that relies on the present actions.
        unsafe { libc::signal(signal, action) };
    }
}

extern "C" fn exit_with_number(signal: c_int) {
    // SAFETY: `_exit` is async-signal-safe and does not return.
    unsafe { libc::_exit(SIGNAL_EXIT_BASE + signal) }
}
