//! SIGURG: asks a running thread to copy its own registers and stack.
//!
//! SIGURG is ignored by default, passed on by debuggers and harmless when it comes uncalled for.
//! A signal that is not ours goes on to whatever handler was there before.

use super::registers;
use super::slots::{Slots, Ticket};
use std::io;
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicUsize, Ordering};

/// The signal that is used.
pub(super) const SIGNAL: libc::c_int = libc::SIGURG;

/// Where the handler finds the slots. Never freed once set: a handler may be about to use it.
static SLOTS: AtomicPtr<Slots> = AtomicPtr::new(std::ptr::null_mut());

/// The handler that was there before ours.
static EARLIER_HANDLER: AtomicUsize = AtomicUsize::new(libc::SIG_DFL);
static EARLIER_FLAGS: AtomicI32 = AtomicI32::new(0);

/// The head of the kernel's `siginfo_t` for a queued signal, the same on x86-64 and aarch64.
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

/// Installed once; taking it away again could break a handler that was chained to it.
#[derive(Clone, Copy)]
pub(super) struct Signal {
    slots: &'static Slots,
}

/// Why a signal was not sent.
#[derive(Debug)]
pub(super) enum NotSent {
    /// The thread no longer exists.
    Gone,
    /// Somebody else handles SIGURG now.
    HandlerReplaced,
    Refused(io::Error),
}

impl Signal {
    /// Installs the handler and lets it fill these slots.
    ///
    /// # Errors
    /// What `sigaction` answered.
    pub(super) fn install() -> io::Result<Self> {
        let slots: &'static Slots = Box::leak(Box::new(Slots::new()?));
        SLOTS.store(std::ptr::from_ref(slots).cast_mut(), Ordering::Release);
        let earlier = current_action()?;
        if earlier.sa_sigaction != handler_address() {
            remember(&earlier);
            // SAFETY: all-zero bytes are a valid sigaction: no flags, an empty mask.
            let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
            action.sa_sigaction = handler_address();
            action.sa_flags = libc::SA_SIGINFO | flags_beside(&earlier);
            action.sa_mask = all_but_faults();
            // SAFETY: the handler is async-signal-safe and of the type that SA_SIGINFO asks for;
            // both pointers are valid for the call.
            let result = unsafe {
                let mut replaced: libc::sigaction = std::mem::zeroed();
                let result = libc::sigaction(SIGNAL, &action, &mut replaced);
                if result == 0 {
                    remember(&replaced);
                }
                result
            };
            if result != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(Self { slots })
    }

    pub(super) fn slots(&self) -> &'static Slots {
        self.slots
    }

    /// Whether SIGURG still comes to us.
    pub(super) fn is_installed(&self) -> bool {
        current_action().is_ok_and(|action| action.sa_sigaction == handler_address())
    }

    /// Asks one thread to fill the slot of `ticket`.
    pub(super) fn send(&self, tid: u64, ticket: Ticket) -> Result<(), NotSent> {
        if !self.is_installed() {
            return Err(NotSent::HandlerReplaced);
        }
        // SAFETY: these two only return numbers.
        let (pid, uid) = unsafe { (libc::getpid(), libc::getuid()) };
        let info = QueuedInfo {
            signal: SIGNAL,
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
                SIGNAL,
                &info,
            )
        };
        if result == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::ESRCH) => Err(NotSent::Gone),
            _ => Err(NotSent::Refused(error)),
        }
    }
}

/// Blocks every signal but ours in the calling thread, so that no handler of the application
/// runs there.
pub(super) fn block_all_others() {
    // SAFETY: the set is initialised by sigfillset before it is read; the mask is this thread's own.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut set);
        for signal in FAULTS.into_iter().chain([SIGNAL]) {
            libc::sigdelset(&mut set, signal);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &set, std::ptr::null_mut());
    }
}

/// Signals that a fault raises in the very thread: blocked, they would kill without a handler.
const FAULTS: [libc::c_int; 7] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGILL,
    libc::SIGFPE,
    libc::SIGTRAP,
    libc::SIGSYS,
    libc::SIGABRT,
];

fn all_but_faults() -> libc::sigset_t {
    // SAFETY: the set is plain memory that sigfillset initialises.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut set);
        for signal in FAULTS {
            libc::sigdelset(&mut set, signal);
        }
        set
    }
}

/// Our own flags, or those that an application's handler chose: its expectations of the stack it
/// runs on and of interrupted calls must stay true.
fn flags_beside(earlier: &libc::sigaction) -> libc::c_int {
    let ours = libc::SA_RESTART | libc::SA_ONSTACK;
    match earlier.sa_sigaction {
        libc::SIG_DFL | libc::SIG_IGN => ours,
        _ => earlier.sa_flags & ours,
    }
}

fn current_action() -> io::Result<libc::sigaction> {
    // SAFETY: a null new action only asks; the old one is plain memory for the kernel to write.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        match libc::sigaction(SIGNAL, std::ptr::null(), &mut action) {
            0 => Ok(action),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

fn remember(action: &libc::sigaction) {
    EARLIER_FLAGS.store(action.sa_flags, Ordering::Relaxed);
    EARLIER_HANDLER.store(action.sa_sigaction, Ordering::Release);
}

fn handler_address() -> libc::sighandler_t {
    on_signal as *const () as libc::sighandler_t
}

/// Differs between two copies of this crate in one process, which then chain to each other.
fn magic() -> u16 {
    let address = &raw const SLOTS as u64;
    0xd1a6 ^ (address >> 4) as u16
}

/// Stores the registers, copies the stack, wakes the requester. Uses well under 1 KiB of stack.
extern "C" fn on_signal(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    context: *mut libc::c_void,
) {
    // SAFETY: errno's address is valid for the life of the thread.
    let errno = unsafe { *libc::__errno_location() };
    // SAFETY: with SA_SIGINFO the kernel passes a siginfo_t, whose head is as in `QueuedInfo`.
    let info_head = unsafe { &*info.cast::<QueuedInfo>() };
    // SAFETY: getpid only returns a number.
    let own = info_head.code == libc::SI_QUEUE && info_head.pid == unsafe { libc::getpid() };
    match own
        .then(|| Ticket::from_value(info_head.value, magic()))
        .flatten()
    {
        Some(ticket) => {
            // SAFETY: set before the first signal was sent, and never freed.
            let slots = unsafe { SLOTS.load(Ordering::Acquire).as_ref() };
            // SAFETY: with SA_SIGINFO the third argument is a ucontext_t.
            let registers = registers::from_context(unsafe { &*context.cast() });
            if let Some(slots) = slots {
                slots.fill(ticket, registers);
            }
        }
        None => chain(signal, info, context),
    }
    // SAFETY: as above; the interrupted code must find the errno it had.
    unsafe { *libc::__errno_location() = errno };
}

/// Calls the handler that was there before ours.
fn chain(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    type Plain = extern "C" fn(libc::c_int);
    type WithInfo = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);

    let handler = EARLIER_HANDLER.load(Ordering::Acquire);
    if handler == libc::SIG_DFL || handler == libc::SIG_IGN {
        return; // both ignore SIGURG
    }
    if EARLIER_FLAGS.load(Ordering::Relaxed) & libc::SA_SIGINFO != 0 {
        // SAFETY: sigaction reported this address with SA_SIGINFO, so it has this type.
        let handler = unsafe { std::mem::transmute::<usize, WithInfo>(handler) };
        handler(signal, info, context);
    } else {
        // SAFETY: sigaction reported this address without SA_SIGINFO, so it has this type.
        let handler = unsafe { std::mem::transmute::<usize, Plain>(handler) };
        handler(signal);
    }
}
