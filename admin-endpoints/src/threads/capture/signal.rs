//! SIGURG: asks a running thread to copy its own registers and stack.
//!
//! SIGURG is ignored by default, passed on by debuggers, and harmless when delivered by mistake.
//! A signal from another sender is passed to the handler that was installed before.

use std::io;
use std::process;
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, AtomicUsize, Ordering};

use super::slots::{SlotTicket, StackSlots};
use crate::stacks::registers;
use crate::stacks::signal_mask;

/// The signal that asks for a stack.
pub(super) const STACK_SIGNAL: libc::c_int = libc::SIGURG;

/// The slots that the handler fills. Never freed: a handler may be about to use them.
static ACTIVE_SLOTS: AtomicPtr<StackSlots> = AtomicPtr::new(std::ptr::null_mut());

/// The process that made them: slots that were armed during a fork stay armed in the child.
static SLOTS_PROCESS: AtomicU32 = AtomicU32::new(0);

/// The handler that was installed before.
static PREVIOUS_HANDLER: AtomicUsize = AtomicUsize::new(libc::SIG_DFL);
static PREVIOUS_FLAGS: AtomicI32 = AtomicI32::new(0);

/// The start of the kernel's `siginfo_t` for a queued signal, the same on x86-64 and aarch64.
#[repr(C)]
struct QueuedInfo {
    signal: i32,
    error: i32,
    code: i32,
    padding: i32,
    pid: i32,
    uid: u32,
    value: u64,
    rest: [u8; size_of::<libc::siginfo_t>() - 32],
}

/// The installed handler. It is never removed: another handler may have been chained to it.
#[derive(Clone, Copy)]
pub(super) struct SignalHandler {
    slots: &'static StackSlots,
}

/// Why a signal was not sent.
#[derive(Debug)]
pub(super) enum NotSent {
    ThreadExited,
    /// The application has installed its own handler.
    HandlerReplaced,
    /// `rt_tgsigqueueinfo` failed.
    Refused(io::Error),
}

impl SignalHandler {
    /// Allocates the slots and installs the handler.
    ///
    /// # Errors
    ///
    /// When there is no memory for the slots, or `sigaction` fails.
    pub(super) fn install() -> io::Result<Self> {
        let slots = active_slots()?;
        let previous = current_action()?;
        if previous.sa_sigaction != handler_address() {
            save_previous(&previous);
            // SAFETY: all-zero bytes are a valid sigaction: no flags, an empty mask.
            let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
            action.sa_sigaction = handler_address();
            action.sa_flags = libc::SA_SIGINFO | inherited_flags(&previous);
            action.sa_mask = signal_mask::all_but_faults();
            // SAFETY: the handler is async-signal-safe and of the type that SA_SIGINFO asks for;
            // both pointers are valid for the call.
            let result = unsafe {
                let mut replaced: libc::sigaction = std::mem::zeroed();
                let result = libc::sigaction(STACK_SIGNAL, &action, &mut replaced);
                if result == 0 {
                    save_previous(&replaced);
                }
                result
            };
            if result != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(Self { slots })
    }

    pub(super) fn slots(&self) -> &'static StackSlots {
        self.slots
    }

    /// Whether the handler is still the one for SIGURG.
    pub(super) fn is_installed(&self) -> bool {
        current_action().is_ok_and(|action| action.sa_sigaction == handler_address())
    }

    /// Asks one thread to fill the slot of `ticket`.
    ///
    /// # Errors
    ///
    /// See [`NotSent`].
    pub(super) fn send(&self, tid: u64, ticket: SlotTicket) -> Result<(), NotSent> {
        if !self.is_installed() {
            return Err(NotSent::HandlerReplaced);
        }
        // SAFETY: these two only return numbers.
        let (pid, uid) = unsafe { (libc::getpid(), libc::getuid()) };
        let info = QueuedInfo {
            signal: STACK_SIGNAL,
            error: 0,
            code: libc::SI_QUEUE,
            padding: 0,
            pid,
            uid,
            value: ticket.to_value(magic()),
            rest: [0; size_of::<libc::siginfo_t>() - 32],
        };
        // SAFETY: the info is as large as the kernel reads and outlives the call; a thread id that
        // no longer exists is an error, and one of another process is refused by the first argument.
        let result = unsafe {
            libc::syscall(
                libc::SYS_rt_tgsigqueueinfo,
                pid,
                tid as libc::pid_t,
                STACK_SIGNAL,
                &info,
            )
        };
        if result == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::ESRCH) => Err(NotSent::ThreadExited),
            _ => Err(NotSent::Refused(error)),
        }
    }
}

/// The slots of this process, which a second call returns again.
fn active_slots() -> io::Result<&'static StackSlots> {
    let process_id = process::id();
    if SLOTS_PROCESS.load(Ordering::Acquire) == process_id {
        // SAFETY: the pointer was stored below, before the process, and the slots are never freed.
        if let Some(slots) = unsafe { ACTIVE_SLOTS.load(Ordering::Acquire).as_ref() } {
            return Ok(slots);
        }
    }
    let slots: &'static StackSlots = Box::leak(Box::new(StackSlots::new()?));
    ACTIVE_SLOTS.store(std::ptr::from_ref(slots).cast_mut(), Ordering::Release);
    SLOTS_PROCESS.store(process_id, Ordering::Release);
    Ok(slots)
}

/// The flags for our handler. An application's handler that is chained to must keep the stack and
/// the restart behaviour that it asked for.
fn inherited_flags(previous: &libc::sigaction) -> libc::c_int {
    let own_flags = libc::SA_RESTART | libc::SA_ONSTACK;
    match previous.sa_sigaction {
        libc::SIG_DFL | libc::SIG_IGN => own_flags,
        _ => previous.sa_flags & own_flags,
    }
}

fn current_action() -> io::Result<libc::sigaction> {
    // SAFETY: a null new action only queries; the old one is plain memory for the kernel to write.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        match libc::sigaction(STACK_SIGNAL, std::ptr::null(), &mut action) {
            0 => Ok(action),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

fn save_previous(action: &libc::sigaction) {
    PREVIOUS_FLAGS.store(action.sa_flags, Ordering::Relaxed);
    PREVIOUS_HANDLER.store(action.sa_sigaction, Ordering::Release);
}

fn handler_address() -> libc::sighandler_t {
    copy_own_stack as *const () as libc::sighandler_t
}

/// A tag that differs between two copies of this crate in one process: they chain to each other.
fn magic() -> u16 {
    let address = &raw const ACTIVE_SLOTS as u64;
    0xd1a6 ^ (address >> 4) as u16
}

/// The handler: saves the registers, copies the stack, wakes the requester. Uses less than 1 KiB
/// of stack.
extern "C" fn copy_own_stack(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    context: *mut libc::c_void,
) {
    // SAFETY: errno's address is valid for the life of the thread.
    let errno = unsafe { *libc::__errno_location() };
    // SAFETY: with SA_SIGINFO the kernel passes a siginfo_t, which starts like `QueuedInfo`.
    let queued = unsafe { &*info.cast::<QueuedInfo>() };
    // SAFETY: getpid only returns a number.
    let own = queued.code == libc::SI_QUEUE && queued.pid == unsafe { libc::getpid() };
    match own
        .then(|| SlotTicket::from_value(queued.value, magic()))
        .flatten()
    {
        Some(ticket) => {
            // SAFETY: set before the first signal was sent, and never freed.
            let slots = unsafe { ACTIVE_SLOTS.load(Ordering::Acquire).as_ref() };
            // SAFETY: with SA_SIGINFO the third argument is a ucontext_t.
            let registers = registers::from_context(unsafe { &*context.cast() });
            if let Some(slots) = slots {
                slots.fill(ticket, registers);
            }
        }
        None => call_previous_handler(signal, info, context),
    }
    // SAFETY: as above; the interrupted code must see the errno that it had.
    unsafe { *libc::__errno_location() = errno };
}

/// Calls the handler that was installed before.
fn call_previous_handler(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    context: *mut libc::c_void,
) {
    type PlainHandler = extern "C" fn(libc::c_int);
    type InfoHandler = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);

    let handler = PREVIOUS_HANDLER.load(Ordering::Acquire);
    if handler == libc::SIG_DFL || handler == libc::SIG_IGN {
        return; // both ignore SIGURG
    }
    if PREVIOUS_FLAGS.load(Ordering::Relaxed) & libc::SA_SIGINFO != 0 {
        // SAFETY: sigaction reported this address with SA_SIGINFO, so it has this type.
        let handler = unsafe { std::mem::transmute::<usize, InfoHandler>(handler) };
        handler(signal, info, context);
    } else {
        // SAFETY: sigaction reported this address without SA_SIGINFO, so it has this type.
        let handler = unsafe { std::mem::transmute::<usize, PlainHandler>(handler) };
        handler(signal);
    }
}
