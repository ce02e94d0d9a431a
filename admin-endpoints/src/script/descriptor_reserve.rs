//! Descriptors for scripts of a process that has used up its own.
//!
//! The reserve belongs to the process, and exists while a server serves scripts.

use std::sync::Mutex;

use crate::descriptor_reserve::HeldDescriptors;
use crate::sync::lock;

/// What the start of a zygote and of one worker takes at the same time: three pairs of sockets, the
/// pipe and the null devices of the start, and two processes.
const RESERVED_DESCRIPTORS: usize = 12;

static RESERVE: Mutex<ReserveState> = Mutex::new(ReserveState {
    descriptors: HeldDescriptors::new(RESERVED_DESCRIPTORS),
    is_wanted: false,
    starting: 0,
});

struct ReserveState {
    descriptors: HeldDescriptors,
    /// Whether a server serves scripts.
    is_wanted: bool,
    /// Workers that are being started with the descriptors of the reserve.
    starting: usize,
}

impl ReserveState {
    /// Takes the missing descriptors, unless a worker is being started with them.
    fn refill(&mut self) {
        if self.is_wanted && self.starting == 0 {
            self.descriptors.refill();
        }
    }
}

/// Frees the reserve for a worker that is being started, or for whichever thread is faster. Dropping
/// it fills the reserve again.
pub(super) struct UsedReserve(());

/// Begins the reserve.
pub(super) fn begin() {
    let mut reserve = lock(&RESERVE);
    reserve.is_wanted = true;
    reserve.refill();
}

/// Ends the reserve.
pub(super) fn end() {
    let mut reserve = lock(&RESERVE);
    reserve.is_wanted = false;
    reserve.descriptors.release();
}

/// Takes the descriptors again that a script has closed.
pub(super) fn refill() {
    lock(&RESERVE).refill();
}

/// Lets the caller use the descriptors of the reserve.
pub(super) fn take() -> UsedReserve {
    let mut reserve = lock(&RESERVE);
    reserve.starting += 1;
    reserve.descriptors.release();
    UsedReserve(())
}

impl Drop for UsedReserve {
    fn drop(&mut self) {
        let mut reserve = lock(&RESERVE);
        reserve.starting -= 1;
        reserve.refill();
    }
}
