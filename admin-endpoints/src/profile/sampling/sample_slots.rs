//! Memory that interrupted threads copy their registers and stacks to, for the collector to read.
//!
//! Two words say which slots are free and which are done. A signal handler takes the lowest free
//! slot, so that few pages are in use; the collector empties those that are done, in any order.

use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crate::memory;
use crate::stacks::arena::Arena;
use crate::stacks::futex;
use crate::stacks::registers::RED_ZONE_BYTES;

/// How much of a stack is copied.
pub(super) const STACK_COPY_BYTES: usize = 64 * 1024;
const SLOTS_PER_GROUP: usize = u64::BITS as usize;
/// With so few free slots the collector is woken.
const FEW_FREE_SLOTS: u32 = SLOTS_PER_GROUP as u32 / 2;
/// Threads of different groups do not wait for each other's cache lines.
const MAX_GROUPS: usize = 16;

/// All fields are atomic, so that no interleaving of handler and collector is a data race.
#[derive(Default)]
struct SampleSlot {
    thread: AtomicU32,
    weight: AtomicU32,
    registers: [AtomicU64; 4],
    copied_from: AtomicU64,
    copied: AtomicUsize,
}

struct SlotGroup {
    /// One bit for each slot that a handler may take.
    free: AtomicU64,
    /// One bit for each slot that the collector may read.
    done: AtomicU64,
    slots: [SampleSlot; SLOTS_PER_GROUP],
}

/// The slots of one profile.
pub(super) struct SampleSlots {
    groups: Box<[SlotGroup]>,
    copies: Arena,
    /// Weights of samples for which there was no free slot.
    lost: AtomicU64,
    /// Changes when the collector should look.
    wakes: AtomicU32,
}

/// One sample: where a thread was interrupted.
pub(super) struct RawSample<'a> {
    pub(super) thread: u32,
    /// How many periods it stands for.
    pub(super) weight: u32,
    pub(super) registers: [u64; 4],
    /// The address that the bytes were copied from.
    pub(super) start: u64,
    pub(super) bytes: &'a [u8],
}

impl SampleSlots {
    /// Slots for a machine with so many processors.
    ///
    /// # Errors
    ///
    /// When the kernel refuses the memory.
    pub(super) fn new(processors: usize) -> io::Result<Self> {
        let groups = processors.clamp(2, MAX_GROUPS);
        let group = || SlotGroup {
            free: AtomicU64::new(u64::MAX),
            done: AtomicU64::new(0),
            slots: std::array::from_fn(|_| SampleSlot::default()),
        };
        Ok(Self {
            copies: Arena::new(groups * SLOTS_PER_GROUP * STACK_COPY_BYTES)?,
            groups: (0..groups).map(|_| group()).collect(),
            lost: AtomicU64::new(0),
            wakes: AtomicU32::new(0),
        })
    }

    /// Copies the calling thread's stack. Runs in a signal handler: no allocation, no lock.
    pub(super) fn record(&self, thread: u32, weight: u32, registers: [u64; 4]) {
        let index = thread as usize % self.groups.len();
        let group = &self.groups[index];
        let Some((slot, free)) = group.take() else {
            self.lost.fetch_add(weight.into(), Ordering::Relaxed);
            self.wake();
            return;
        };
        let sample = &group.slots[slot];
        sample.thread.store(thread, Ordering::Relaxed);
        sample.weight.store(weight, Ordering::Relaxed);
        for (target, value) in sample.registers.iter().zip(registers) {
            target.store(value, Ordering::Relaxed);
        }
        let start = registers[1].saturating_sub(RED_ZONE_BYTES);
        // SAFETY: the bit in `free` was cleared by this call alone, so until it is set in `done`
        // nobody else reads or writes these STACK_COPY_BYTES bytes, which lie within the arena.
        let copied = unsafe {
            let target = self.copies.start().add(copy_offset(index, slot));
            memory::read_into(start, target.as_ptr(), STACK_COPY_BYTES)
        };
        sample.copied_from.store(start, Ordering::Relaxed);
        sample.copied.store(copied, Ordering::Relaxed);
        group.done.fetch_or(1 << slot, Ordering::Release);
        if free == FEW_FREE_SLOTS {
            self.wake();
        }
    }

    fn wake(&self) {
        self.wakes.fetch_add(1, Ordering::Release);
        futex::wake_all(&self.wakes);
    }

    /// Passes every finished sample to `visit` and frees its slot.
    pub(super) fn drain(&self, mut visit: impl FnMut(&RawSample<'_>)) {
        for (index, group) in self.groups.iter().enumerate() {
            let mut done = group.done.swap(0, Ordering::Acquire);
            while done != 0 {
                let slot = done.trailing_zeros() as usize;
                done &= done - 1;
                let sample = &group.slots[slot];
                let copied = sample.copied.load(Ordering::Relaxed).min(STACK_COPY_BYTES);
                // SAFETY: the bit in `done` was seen with Acquire: the handler has left, and none
                // may enter until the bit in `free` is set below, after the last use of `bytes`.
                let bytes = unsafe {
                    let start = self.copies.start().add(copy_offset(index, slot));
                    std::slice::from_raw_parts(start.as_ptr(), copied)
                };
                visit(&RawSample {
                    thread: sample.thread.load(Ordering::Relaxed),
                    weight: sample.weight.load(Ordering::Relaxed),
                    registers: sample
                        .registers
                        .each_ref()
                        .map(|value| value.load(Ordering::Relaxed)),
                    start: sample.copied_from.load(Ordering::Relaxed),
                    bytes,
                });
                group.free.fetch_or(1 << slot, Ordering::Release);
            }
        }
    }

    /// The weight of all samples that were lost so far.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Changes when many samples wait. Read it before [`drain`](Self::drain), and pass it to
    /// [`wait`](Self::wait).
    pub(super) fn wake_count(&self) -> u32 {
        self.wakes.load(Ordering::Acquire)
    }

    /// Sleeps until many samples wait, or the timeout expires.
    pub(super) fn wait(&self, seen: u32, timeout: Duration) {
        futex::wait(&self.wakes, seen, timeout);
    }
}

impl SlotGroup {
    /// Takes the lowest free slot; returns it and how many are still free.
    fn take(&self) -> Option<(usize, u32)> {
        let mut free = self.free.load(Ordering::Relaxed);
        while free != 0 {
            let rest = free & (free - 1);
            // Acquire: the collector has read what was in the slot before.
            match self
                .free
                .compare_exchange_weak(free, rest, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return Some((free.trailing_zeros() as usize, rest.count_ones())),
                Err(current) => free = current,
            }
        }
        None
    }
}

fn copy_offset(group: usize, slot: usize) -> usize {
    (group * SLOTS_PER_GROUP + slot) * STACK_COPY_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registers(marker: &[u64; 64]) -> [u64; 4] {
        [1, marker.as_ptr() as u64, 3, 4]
    }

    #[test]
    fn a_drained_slot_is_taken_again() -> io::Result<()> {
        let slots = SampleSlots::new(1)?;
        let marker = [0x5a5a_5a5a_u64; 64];
        let seen = slots.wake_count();
        for round in 0..3 {
            slots.record(round, 2, registers(&marker));
            slots.record(round + 1, 1, registers(&marker));
            let mut drained = Vec::new();
            slots.drain(|sample| {
                assert_eq!(sample.start, marker.as_ptr() as u64 - RED_ZONE_BYTES);
                let at = RED_ZONE_BYTES as usize;
                assert_eq!(sample.bytes[at..at + 4], [0x5a; 4]);
                drained.push((sample.thread, sample.weight, sample.registers[0]));
            });
            drained.sort_unstable();
            assert_eq!(drained, [(round, 2, 1), (round + 1, 1, 1)]);
        }
        slots.drain(|_| panic!("nothing is left"));
        assert_eq!((slots.lost(), slots.wake_count()), (0, seen));
        Ok(())
    }

    #[test]
    fn samples_beyond_the_slots_are_counted() -> io::Result<()> {
        let slots = SampleSlots::new(1)?;
        let marker = [1; 64];
        let seen = slots.wake_count();
        for _ in 0..SLOTS_PER_GROUP + 2 {
            slots.record(0, 3, registers(&marker));
        }
        assert_eq!(slots.lost(), 6);
        assert_ne!(slots.wake_count(), seen);
        slots.wait(seen, Duration::MAX); // returns at once
        let mut count = 0;
        slots.drain(|_| count += 1);
        assert_eq!(count, SLOTS_PER_GROUP);
        Ok(())
    }
}
