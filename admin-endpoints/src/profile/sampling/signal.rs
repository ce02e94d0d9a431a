//! The signal of the timers: a real-time signal that the program does not use.
//!
//! The handler is never removed: the default action of a signal that is delivered late would end
//! the process.

use std::mem;

use super::session_table::{SampleTicket, SessionTable};
use crate::stacks::registers;
use crate::stacks::signal_mask::{all_but_faults, choose_timer_signal, timer_signal};

/// The start of the kernel's `siginfo_t` for a timer, the same on x86-64 and aarch64.
#[repr(C)]
struct TimerInfo {
    signal: i32,
    error: i32,
    code: i32,
    padding: i32,
    timer: i32,
    overrun: i32,
    value: u64,
}

/// A signal whose handler takes samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SampleSignal(libc::c_int);

impl SampleSignal {
    /// Installs the handler, for the signal of an earlier profile if it still has it.
    ///
    /// `None` if the program has handlers for all real-time signals.
    pub(super) fn install() -> Option<Self> {
        let known = timer_signal(|_| false).map(Self);
        known
            .filter(|known| known.is_installed())
            .or_else(|| choose_timer_signal(|signal| install_if_unused(*signal)).map(Self))
    }

    pub(super) fn number(self) -> libc::c_int {
        self.0
    }

    /// Whether the handler is still ours.
    pub(super) fn is_installed(self) -> bool {
        current_action(self.0).is_some_and(|action| action.sa_sigaction == handler_address())
    }
}

fn current_action(signal: libc::c_int) -> Option<libc::sigaction> {
    // SAFETY: a null new action only queries; the old one is plain memory for the kernel to write.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        (libc::sigaction(signal, std::ptr::null(), &mut action) == 0).then_some(action)
    }
}

fn install_if_unused(signal: libc::c_int) -> bool {
    let is_unused = |action: &libc::sigaction| {
        action.sa_sigaction == libc::SIG_DFL || action.sa_sigaction == handler_address()
    };
    if !current_action(signal).is_some_and(|action| is_unused(&action)) {
        return false;
    }
    // SAFETY: all-zero bytes are a valid sigaction; the handler is async-signal-safe and of the
    // type that SA_SIGINFO asks for; both pointers are valid for the calls.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = handler_address();
        action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART | libc::SA_ONSTACK;
        action.sa_mask = all_but_faults();
        let mut replaced: libc::sigaction = mem::zeroed();
        if libc::sigaction(signal, &action, &mut replaced) != 0 {
            return false;
        }
        if is_unused(&replaced) {
            return true;
        }
        // The program was faster.
        libc::sigaction(signal, &replaced, std::ptr::null_mut());
        false
    }
}

fn handler_address() -> libc::sighandler_t {
    take_sample as *const () as libc::sighandler_t
}

/// The handler: copies registers and stack. Uses less than 1 KiB of stack.
extern "C" fn take_sample(
    _signal: libc::c_int,
    info: *mut libc::siginfo_t,
    context: *mut libc::c_void,
) {
    // SAFETY: errno's address is valid for the life of the thread.
    let errno = unsafe { *libc::__errno_location() };
    // SAFETY: with SA_SIGINFO the kernel passes a siginfo_t, which for a timer starts like this.
    let timer = unsafe { &*info.cast::<TimerInfo>() };
    if timer.code == libc::SI_TIMER
        && let Some(ticket) = SampleTicket::from_value(timer.value)
        && let Some(table) = SessionTable::active()
    {
        let overrun = u32::try_from(timer.overrun).unwrap_or(0);
        // SAFETY: with SA_SIGINFO the third argument is a ucontext_t.
        let registers = registers::from_context(unsafe { &*context.cast() });
        table.record(ticket, overrun.saturating_add(1), registers);
    }
    // SAFETY: as above; the interrupted code must see the errno that it had.
    unsafe { *libc::__errno_location() = errno };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_of_the_program_is_not_taken() {
        let first = SampleSignal::install().unwrap();
        assert!(first.is_installed());
        assert_eq!(SampleSignal::install(), Some(first));
        assert!(first.number() >= libc::SIGRTMIN());
        // SAFETY: the signal is sent by nobody.
        unsafe { libc::signal(first.number(), libc::SIG_IGN) };
        assert!(!first.is_installed());
        let second = SampleSignal::install().unwrap();
        assert_ne!(second, first);
        assert!(second.is_installed());
        assert!(!install_if_unused(first.number()));
    }
}
