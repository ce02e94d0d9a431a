//! Memory that interrupted threads copy their registers and stacks to.
//!
//! States of a slot: `FREE → ARMED` (requester), `ARMED → BUSY → DONE` (signal handler),
//! `DONE → FREE` (requester), or `ARMED → FREE` when the requester gives up. The state and the
//! generation share one word, so that a late signal sees another generation and returns.

use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crate::memory;
use crate::stacks::arena::Arena;
use crate::stacks::futex;
use crate::stacks::registers::RED_ZONE_BYTES;

/// How many threads can be interrupted at once.
pub(super) const SLOT_COUNT: usize = 32;
/// How much of a stack is copied.
const STACK_COPY_BYTES: usize = 64 * 1024;

const FREE: u64 = 0;
const ARMED: u64 = 1;
const BUSY: u64 = 2;
const DONE: u64 = 3;
const STATE_MASK: u64 = 3;

const fn state_word(generation: u64, state: u64) -> u64 {
    generation << 2 | state
}

/// One request to one thread. Fits into the value of a queued signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SlotTicket {
    slot: u8,
    generation: u64,
}

impl SlotTicket {
    const GENERATION_BITS: u32 = 40;

    /// The signal value, tagged with the 16 bits of `magic`.
    pub(super) fn to_value(self, magic: u16) -> u64 {
        u64::from(magic) << 48 | u64::from(self.slot) << Self::GENERATION_BITS | self.generation
    }

    /// Parses a signal value; `None` if it has another tag.
    pub(super) fn from_value(value: u64, magic: u16) -> Option<Self> {
        let slot = (value >> Self::GENERATION_BITS) as u8;
        let generation = value & ((1 << Self::GENERATION_BITS) - 1);
        let ours = value >> 48 == u64::from(magic) && usize::from(slot) < SLOT_COUNT;
        ours.then_some(Self { slot, generation })
    }
}

/// All fields are atomic, so that no interleaving of handler and requester is a data race.
#[derive(Default)]
struct StackSlot {
    state: AtomicU64,
    registers: [AtomicU64; 4],
    copied_from: AtomicU64,
    copied: AtomicUsize,
}

/// The slots, and the memory of their stack copies.
pub(super) struct StackSlots {
    slots: [StackSlot; SLOT_COUNT],
    /// Number of finished copies. The requester waits for it to change.
    finished: AtomicU32,
    copies: Arena,
    generation: AtomicU64,
    /// One bit per slot whose handler was still writing when the requester gave up.
    abandoned: AtomicU32,
}

/// The registers and the stack of one thread. Dropping it frees the slot.
pub(super) struct StackCopy<'a> {
    slots: &'a StackSlots,
    ticket: SlotTicket,
    pub(super) registers: [u64; 4],
    pub(super) start: u64,
    pub(super) bytes: &'a [u8],
}

impl Drop for StackCopy<'_> {
    fn drop(&mut self) {
        let slot = &self.slots.slots[usize::from(self.ticket.slot)];
        slot.state
            .store(state_word(self.ticket.generation, FREE), Ordering::Release);
    }
}

impl StackSlots {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            slots: Default::default(),
            finished: AtomicU32::new(0),
            copies: Arena::new(SLOT_COUNT * STACK_COPY_BYTES)?,
            generation: AtomicU64::new(0),
            abandoned: AtomicU32::new(0),
        })
    }

    /// Reserves a slot; `None` if all are in use.
    pub(super) fn arm(&self) -> Option<SlotTicket> {
        let mask = (1 << SlotTicket::GENERATION_BITS) - 1;
        let generation = (self.generation.fetch_add(1, Ordering::Relaxed) + 1) & mask;
        self.slots.iter().zip(0..).find_map(|(slot, index)| {
            let state = slot.state.load(Ordering::Acquire);
            let free = match state & STATE_MASK {
                FREE => true,
                DONE => self.abandoned.load(Ordering::Relaxed) >> index & 1 == 1,
                _ => false,
            };
            let armed = state_word(generation, ARMED);
            let won = free
                && slot
                    .state
                    .compare_exchange(state, armed, Ordering::AcqRel, Ordering::Relaxed)
                    .is_ok();
            if won {
                self.abandoned.fetch_and(!(1 << index), Ordering::Relaxed);
            }
            won.then_some(SlotTicket {
                slot: index,
                generation,
            })
        })
    }

    /// Cancels a request. If its handler has already begun, the slot is reused when it is DONE.
    pub(super) fn disarm(&self, ticket: SlotTicket) {
        let slot = &self.slots[usize::from(ticket.slot)];
        let armed = state_word(ticket.generation, ARMED);
        let free = state_word(ticket.generation, FREE);
        if slot
            .state
            .compare_exchange(armed, free, Ordering::AcqRel, Ordering::Relaxed)
            .is_err()
        {
            self.abandoned.fetch_or(1 << ticket.slot, Ordering::Relaxed);
        }
    }

    /// Copies the calling thread's stack. Runs in a signal handler: no allocation, no lock.
    pub(super) fn fill(&self, ticket: SlotTicket, registers: [u64; 4]) {
        let Some(slot) = self.slots.get(usize::from(ticket.slot)) else {
            return;
        };
        let armed = state_word(ticket.generation, ARMED);
        let busy = state_word(ticket.generation, BUSY);
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
        let start = registers[1].saturating_sub(RED_ZONE_BYTES);
        // SAFETY: the state is BUSY, set by this thread alone, so until DONE nobody else reads or
        // writes these STACK_COPY_BYTES bytes of the arena, which `slot < SLOT_COUNT` keeps in bounds.
        let copied = unsafe {
            let target = self
                .copies
                .start()
                .add(usize::from(ticket.slot) * STACK_COPY_BYTES);
            memory::read_into(start, target.as_ptr(), STACK_COPY_BYTES)
        };
        slot.copied_from.store(start, Ordering::Relaxed);
        slot.copied.store(copied, Ordering::Relaxed);
        slot.state
            .store(state_word(ticket.generation, DONE), Ordering::Release);
        self.finished.fetch_add(1, Ordering::Release);
        futex::wake_all(&self.finished);
    }

    /// The copy that was made for `ticket`, when it is finished.
    pub(super) fn take(&self, ticket: SlotTicket) -> Option<StackCopy<'_>> {
        let slot = &self.slots[usize::from(ticket.slot)];
        if slot.state.load(Ordering::Acquire) != state_word(ticket.generation, DONE) {
            return None;
        }
        let copied = slot.copied.load(Ordering::Relaxed).min(STACK_COPY_BYTES);
        // SAFETY: DONE of this generation was seen with Acquire: the handler has left, and no other
        // may enter until `StackCopy` frees the slot. The bytes lie within the arena.
        let bytes = unsafe {
            let start = self
                .copies
                .start()
                .add(usize::from(ticket.slot) * STACK_COPY_BYTES);
            std::slice::from_raw_parts(start.as_ptr(), copied)
        };
        let registers = slot
            .registers
            .each_ref()
            .map(|value| value.load(Ordering::Relaxed));
        let start = slot.copied_from.load(Ordering::Relaxed);
        Some(StackCopy {
            slots: self,
            ticket,
            registers,
            start,
            bytes,
        })
    }

    /// Changes when a copy is finished. Read it before calling [`take`](Self::take), and pass it
    /// to [`wait`](Self::wait).
    pub(super) fn finished_count(&self) -> u32 {
        self.finished.load(Ordering::Acquire)
    }

    /// Sleeps until the number of finished copies is not `seen`, or the timeout expires.
    pub(super) fn wait(&self, seen: u32, timeout: Duration) {
        futex::wait(&self.finished, seen, timeout);
    }

    /// Returns the memory of the copies to the kernel, unless a thread is still writing to it.
    pub(super) fn wipe(&self) {
        let writing = |slot: &StackSlot| slot.state.load(Ordering::Acquire) & STATE_MASK == BUSY;
        if !self.slots.iter().any(writing) {
            // SAFETY: no slot is ARMED, because the caller holds no tickets, and none is BUSY: no
            // handler is writing or can begin to.
            unsafe { self.copies.wipe() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack_pointer() -> ([u64; 4], [u8; 256]) {
        let marker = [0x5a_u8; 256];
        ([1, marker.as_ptr() as u64, 3, 4], marker)
    }

    #[test]
    fn dropping_a_copy_frees_its_slot() -> io::Result<()> {
        let slots = StackSlots::new()?;
        let ticket = slots.arm().expect("all slots are free");
        assert!(slots.take(ticket).is_none(), "no copy was made yet");
        let seen = slots.finished_count();
        let (registers, _marker) = stack_pointer();
        slots.fill(ticket, registers);
        slots.wait(seen, Duration::from_secs(60));
        let copy = slots.take(ticket).expect("the copy is done");
        assert_eq!(copy.registers, registers);
        assert_eq!(copy.start, registers[1] - RED_ZONE_BYTES);
        assert!(copy.bytes.len() > 256);
        drop(copy);
        assert!(slots.take(ticket).is_none(), "the slot was freed");
        Ok(())
    }

    #[test]
    fn a_late_signal_changes_nothing() -> io::Result<()> {
        let slots = StackSlots::new()?;
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
    fn a_cancelled_slot_is_reused_when_done() -> io::Result<()> {
        let slots = StackSlots::new()?;
        let first = slots.arm().expect("free");
        let (registers, _marker) = stack_pointer();
        slots.fill(first, registers);
        let second = slots.arm().expect("free");
        assert_ne!(first.slot, second.slot);
        slots.disarm(first);
        let third = slots.arm().expect("free");
        assert_eq!(
            first.slot, third.slot,
            "a cancelled slot is reused once it is done"
        );
        Ok(())
    }

    #[test]
    fn each_slot_has_one_ticket() -> io::Result<()> {
        let slots = StackSlots::new()?;
        let tickets: Vec<_> = std::iter::from_fn(|| slots.arm()).collect();
        assert_eq!(tickets.len(), SLOT_COUNT);
        for ticket in tickets {
            assert_eq!(SlotTicket::from_value(ticket.to_value(7), 7), Some(ticket));
            assert_eq!(SlotTicket::from_value(ticket.to_value(7), 8), None);
            slots.disarm(ticket);
        }
        assert!(slots.arm().is_some());
        Ok(())
    }
}
