//! Signals that end a worker, so that its exit status tells which one it was.
//!
//! A worker is the first process of its PID namespace. For such a process the kernel ignores
//! signals without a handler that come from inside, which `abort` and the CPU limit rely on.

use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};

/// Added to a signal's number, as shells do.
pub(super) const SIGNAL_EXIT_BASE: c_int = 128;

/// The exit code of a Rust program that panicked.
pub(crate) const PANIC_EXIT_CODE: c_int = 101;

/// The exit code of a worker that could not allocate memory.
pub(crate) const ALLOCATION_EXIT_CODE: c_int = 102;

/// Whether this process panicked: a panic within a panic aborts, and is not a failed allocation.
pub(super) static PANICKED: AtomicBool = AtomicBool::new(false);

/// Installs handlers that tell the reason with the exit status for `SIGABRT` and `SIGXCPU`, and the
/// default action for faults and for the ends of children. Forked processes inherit them.
pub(super) fn install() {
    install_abort_handler();
    let exit_with_number = exit_with_number as extern "C" fn(c_int) as libc::sighandler_t;
    for (signal, action) in [
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

fn install_abort_handler() {
    let on_abort = on_abort as extern "C" fn(c_int, *const libc::siginfo_t, *const libc::c_void);
    // SAFETY: all fields of this C struct are numbers or an optional pointer, for which zero is valid.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = on_abort as libc::sighandler_t;
    action.sa_flags = libc::SA_SIGINFO;
    // SAFETY: the handler is async-signal-safe and has the arguments that `SA_SIGINFO` passes.
    unsafe { libc::sigaction(libc::SIGABRT, &raw const action, std::ptr::null_mut()) };
}

/// Exits with [`ALLOCATION_EXIT_CODE`] if this process called `abort`, which a failed allocation
/// does, and with the signal's number if another process sent the signal.
extern "C" fn on_abort(signal: c_int, info: *const libc::siginfo_t, _context: *const libc::c_void) {
    // SAFETY: the kernel passes a valid pointer, and any signal of a process has a sender.
    let (code, sender) = unsafe { ((*info).si_code, (*info).si_pid()) };
    // SAFETY: `getpid` is async-signal-safe and has no arguments.
    let is_own = code == libc::SI_TKILL && sender == unsafe { libc::getpid() };
    let code = match (is_own, PANICKED.load(Ordering::Relaxed)) {
        (true, true) => PANIC_EXIT_CODE,
        (true, false) => ALLOCATION_EXIT_CODE,
        (false, _) => SIGNAL_EXIT_BASE + signal,
    };
    // SAFETY: `_exit` is async-signal-safe and does not return.
    unsafe { libc::_exit(code) }
}

extern "C" fn exit_with_number(signal: c_int) {
    // SAFETY: `_exit` is async-signal-safe and does not return.
    unsafe { libc::_exit(SIGNAL_EXIT_BASE + signal) }
}
