//! Where interrupted threads leave their registers and a copy of their stack.
//!
//! A slot goes `FREE → ARMED` (requester), `ARMED → BUSY → DONE` (signal handler), `DONE → FREE`
//! (requester), or `ARMED → FREE` when the requester gives up. The state and the generation
//! share one word, so that a signal which arrives too late finds another generation and leaves.

use super::arena::Arena;
use super::memory;
use super::registers::RED_ZONE;
use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// How many threads are interrupted at once.
pub(super) const SLOTS: usize = 32;
/// How much of a stack is copied.
const COPY: usize = 64 * 1024;

const FREE: u64 = 0;
const ARMED: u64 = 1;
const BUSY: u64 = 2;
const DONE: u64 = 3;
const STATE: u64 = 3;

const fn word(generation: u64, state: u64) -> u64 {
    generation << 2 | state
}

/// One request to one thread, small enough to travel in a signal's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    slot: u8,
    generation: u64,
}

impl Ticket {
    const GENERATION_BITS: u32 = 40;

    /// As a signal value, tagged with the 16 bits of `magic`.
    pub(super) fn to_value(self, magic: u16) -> u64 {
        u64::from(magic) << 48 | u64::from(self.slot) << Self::GENERATION_BITS | self.generation
    }

    /// The opposite; `None` for a value with another tag.
    pub(super) fn from_value(value: u64, magic: u16) -> Option<Self> {
        let slot = (value >> Self::GENERATION_BITS) as u8;
        let generation = value & ((1 << Self::GENERATION_BITS) - 1);
        let ours = value >> 48 == u64::from(magic) && usize::from(slot) < SLOTS;
        ours.then_some(Self { slot, generation })
    }
}

/// Atomics throughout, so that even a lost race between handler and requester is no data race.
#[derive(Default)]
struct Slot {
    state: AtomicU64,
    registers: [AtomicU64; 4],
    copied_from: AtomicU64,
    copied: AtomicUsize,
}

pub(super) struct Slots {
    slots: [Slot; SLOTS],
    /// Counts finished copies; the requester waits for it to change.
    finished: AtomicU32,
    copies: Arena,
    generation: AtomicU64,
    /// One bit for each slot whose handler was still writing when its requester gave up.
    abandoned: AtomicU32,
}

/// What a thread left in its slot, for as long as the slot is held.
pub(super) struct Copy<'a> {
    slots: &'a Slots,
    ticket: Ticket,
    pub(super) registers: [u64; 4],
    pub(super) start: u64,
    pub(super) bytes: &'a [u8],
}

impl Drop for Copy<'_> {
    fn drop(&mut self) {
        let slot = &self.slots.slots[usize::from(self.ticket.slot)];
        slot.state
            .store(word(self.ticket.generation, FREE), Ordering::Release);
    }
}

impl Slots {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            slots: Default::default(),
            finished: AtomicU32::new(0),
            copies: Arena::new(SLOTS * COPY)?,
            generation: AtomicU64::new(0),
            abandoned: AtomicU32::new(0),
        })
    }

    /// Reserves a slot. `None` while all are in use, or lost to threads that never finished.
    pub(super) fn arm(&self) -> Option<Ticket> {
        let mask = (1 << Ticket::GENERATION_BITS) - 1;
        let generation = (self.generation.fetch_add(1, Ordering::Relaxed) + 1) & mask;
        self.slots.iter().zip(0..).find_map(|(slot, index)| {
            let state = slot.state.load(Ordering::Acquire);
            let free = match state & STATE {
                FREE => true,
                DONE => self.abandoned.load(Ordering::Relaxed) >> index & 1 == 1,
                _ => false,
            };
            let armed = word(generation, ARMED);
            let won = free
                && slot
                    .state
                    .compare_exchange(state, armed, Ordering::AcqRel, Ordering::Relaxed)
                    .is_ok();
            if won {
                self.abandoned.fetch_and(!(1 << index), Ordering::Relaxed);
            }
            won.then_some(Ticket {
                slot: index,
                generation,
            })
        })
    }

    /// Withdraws a request. A slot whose handler was faster stays out of use until it is DONE.
    pub(super) fn disarm(&self, ticket: Ticket) {
        let slot = &self.slots[usize::from(ticket.slot)];
        let armed = word(ticket.generation, ARMED);
        let free = word(ticket.generation, FREE);
        if slot
            .state
            .compare_exchange(armed, free, Ordering::AcqRel, Ordering::Relaxed)
            .is_err()
        {
            self.abandoned.fetch_or(1 << ticket.slot, Ordering::Relaxed);
        }
    }

    /// Runs in the signal handler of the thread that was asked: no allocation, no lock.
    pub(super) fn fill(&self, ticket: Ticket, registers: [u64; 4]) {
        let Some(slot) = self.slots.get(usize::from(ticket.slot)) else {
            return;
        };
        let armed = word(ticket.generation, ARMED);
        let busy = word(ticket.generation, BUSY);
        if slot
            .state
            .compare_exchange(armed, busy, Ordering::AcqRel, Ordering::Relaxed)
            .is_err()
        {
            return;
        }
        for (target, value) in slot.registers.iter().zip(registers) {
            target.store(value, Ordering::Relaxed);
        }
        let start = registers[1].saturating_sub(RED_ZONE);
        // SAFETY: the state is BUSY, set by this thread alone, so until DONE nobody else reads or
        // writes these COPY bytes of the arena, which `slot < SLOTS` keeps in bounds.
        let copied = unsafe {
            let target = self.copies.start().add(usize::from(ticket.slot) * COPY);
            memory::read_into(start, target.as_ptr(), COPY)
        };
        slot.copied_from.store(start, Ordering::Relaxed);
        slot.copied.store(copied, Ordering::Relaxed);
        slot.state
            .store(word(ticket.generation, DONE), Ordering::Release);
        self.finished.fetch_add(1, Ordering::Release);
        futex(&self.finished, libc::FUTEX_WAKE, i32::MAX as u32, None);
    }

    /// What was left for `ticket`, once it is there.
    pub(super) fn take(&self, ticket: Ticket) -> Option<Copy<'_>> {
        let slot = &self.slots[usize::from(ticket.slot)];
        if slot.state.load(Ordering::Acquire) != word(ticket.generation, DONE) {
            return None;
        }
        let copied = slot.copied.load(Ordering::Relaxed).min(COPY);
        // SAFETY: DONE of this generation was seen with Acquire: the handler has left, and no other
        // may enter until `Copy` frees the slot. The bytes lie within the arena.
        let bytes = unsafe {
            let start = self.copies.start().add(usize::from(ticket.slot) * COPY);
            std::slice::from_raw_parts(start.as_ptr(), copied)
        };
        let registers = slot
            .registers
            .each_ref()
            .map(|value| value.load(Ordering::Relaxed));
        let start = slot.copied_from.load(Ordering::Relaxed);
        Some(Copy {
            slots: self,
            ticket,
            registers,
            start,
            bytes,
        })
    }

    /// A number that changes when a copy is finished; taken before looking, given to [`wait`].
    ///
    /// [`wait`]: Slots::wait
    pub(super) fn finished(&self) -> u32 {
        self.finished.load(Ordering::Acquire)
    }

    /// Sleeps until a copy is finished after `seen` was taken, or the time is up.
    pub(super) fn wait(&self, seen: u32, at_most: Duration) {
        futex(&self.finished, libc::FUTEX_WAIT, seen, Some(at_most));
    }

    /// Gives the copies back to the kernel, unless a straggler is still writing one.
    pub(super) fn wipe(&self) {
        let writing = |slot: &Slot| slot.state.load(Ordering::Acquire) & STATE == BUSY;
        if !self.slots.iter().any(writing) {
            // SAFETY: no slot is ARMED, for the caller holds no tickets, and none is BUSY: no
            // handler writes, nor can one begin to.
            unsafe { self.copies.wipe() };
        }
    }
}

fn futex(word: &AtomicU32, operation: i32, value: u32, at_most: Option<Duration>) {
    let limit = at_most.map(|limit| libc::timespec {
        tv_sec: limit.as_secs() as libc::time_t,
        tv_nsec: i64::from(limit.subsec_nanos()),
    });
    let limit = limit
        .as_ref()
        .map_or(std::ptr::null(), |limit| &raw const *limit);
    let operation = operation | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word and the limit outlive the call, and the kernel only reads them.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, value, limit) };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack_pointer() -> ([u64; 4], [u8; 256]) {
        let marker = [0x5a_u8; 256];
        ([1, marker.as_ptr() as u64, 3, 4], marker)
    }

    #[test]
    fn a_slot_goes_round_once() -> io::Result<()> {
        let slots = Slots::new()?;
        let ticket = slots.arm().expect("all slots are free");
        assert!(slots.take(ticket).is_none(), "nothing was left yet");
        let seen = slots.finished();
        let (registers, _marker) = stack_pointer();
        slots.fill(ticket, registers);
        slots.wait(seen, Duration::from_secs(60));
        let copy = slots.take(ticket).expect("the copy is done");
        assert_eq!(copy.registers, registers);
        assert_eq!(copy.start, registers[1] - RED_ZONE);
        assert!(copy.bytes.len() > 256);
        drop(copy);
        assert!(slots.take(ticket).is_none(), "the slot was freed");
        Ok(())
    }

    #[test]
    fn a_signal_that_comes_too_late_changes_nothing() -> io::Result<()> {
        let slots = Slots::new()?;
        let late = slots.arm().expect("free");
        slots.disarm(late);
        let (registers, _marker) = stack_pointer();
        slots.fill(late, registers);
        let next = slots.arm().expect("free");
        slots.fill(late, registers);
        assert!(
            slots.take(next).is_none(),
            "a late signal filled the next request's slot"
        );
        slots.disarm(next);
        Ok(())
    }

    #[test]
    fn a_finished_copy_keeps_its_slot_until_it_is_taken_or_given_up() -> io::Result<()> {
        let slots = Slots::new()?;
        let first = slots.arm().expect("free");
        let (registers, _marker) = stack_pointer();
        slots.fill(first, registers);
        let second = slots.arm().expect("free");
        assert_ne!(first.slot, second.slot);
        slots.disarm(first);
        let third = slots.arm().expect("free");
        assert_eq!(
            first.slot, third.slot,
            "a slot that was given up is used again once done"
        );
        Ok(())
    }

    #[test]
    fn there_are_as_many_tickets_as_slots() -> io::Result<()> {
        let slots = Slots::new()?;
        let tickets: Vec<_> = std::iter::from_fn(|| slots.arm()).collect();
        assert_eq!(tickets.len(), SLOTS);
        for ticket in tickets {
            assert_eq!(Ticket::from_value(ticket.to_value(7), 7), Some(ticket));
            assert_eq!(Ticket::from_value(ticket.to_value(7), 8), None);
            slots.disarm(ticket);
        }
        assert!(slots.arm().is_some());
        Ok(())
    }
}
