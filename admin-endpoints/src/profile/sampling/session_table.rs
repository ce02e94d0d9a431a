//! The profiles that are being made, as the signal handler sees them.
//!
//! A signal names a profile by its place in the table and by its generation. One that is delivered
//! after the end of its profile finds another generation and does nothing.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::time::Duration;

use super::sample_slots::SampleSlots;

const TABLE_LENGTH: usize = 8;

/// What a timer's signal carries: whose sample it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SampleTicket {
    entry: u8,
    generation: u32,
    pub(super) thread: u32,
}

impl SampleTicket {
    const MAGIC: u64 = 0xb;
    const GENERATION_MASK: u32 = (1 << 24) - 1;

    /// The signal value: magic, entry, generation, thread.
    pub(super) fn to_value(self) -> u64 {
        Self::MAGIC << 60
            | u64::from(self.entry) << 56
            | u64::from(self.generation) << 32
            | u64::from(self.thread)
    }

    /// Parses a signal value; `None` if another sent it.
    pub(super) fn from_value(value: u64) -> Option<Self> {
        let entry = (value >> 56) as u8 & 0xf;
        let ours = value >> 60 == Self::MAGIC && usize::from(entry) < TABLE_LENGTH;
        ours.then_some(Self {
            entry,
            generation: (value >> 32) as u32 & Self::GENERATION_MASK,
            thread: value as u32,
        })
    }
}

#[derive(Default)]
struct SessionEntry {
    /// Whether a profile has the entry.
    is_taken: AtomicU32,
    /// The profile's; 0 while there is none.
    generation: AtomicU32,
    /// Handlers that may be using `slots`.
    handlers: AtomicU32,
    slots: AtomicPtr<SampleSlots>,
}

/// All profiles of one process. Never freed: a handler may be about to use it.
#[derive(Default)]
pub(super) struct SessionTable {
    entries: [SessionEntry; TABLE_LENGTH],
    last_generation: AtomicU32,
}

static ACTIVE_TABLE: AtomicPtr<SessionTable> = AtomicPtr::new(std::ptr::null_mut());

/// The process of the table: in a forked child, handlers of the parent's threads never leave.
static TABLE_PROCESS: AtomicU32 = AtomicU32::new(0);

impl SessionTable {
    /// The table that the handler uses, if there is one. Async-signal-safe.
    pub(super) fn active() -> Option<&'static Self> {
        // SAFETY: set once for a process, from a leaked box.
        unsafe { ACTIVE_TABLE.load(Ordering::Acquire).as_ref() }
    }

    fn for_this_process() -> &'static Self {
        let process_id = process::id();
        if TABLE_PROCESS.load(Ordering::Acquire) == process_id
            && let Some(table) = Self::active()
        {
            return table;
        }
        let table = Box::into_raw(Box::<Self>::default());
        let previous = ACTIVE_TABLE.load(Ordering::Acquire);
        let won = TABLE_PROCESS.load(Ordering::Acquire) != process_id
            && ACTIVE_TABLE
                .compare_exchange(previous, table, Ordering::AcqRel, Ordering::Acquire)
                .is_ok();
        if won {
            TABLE_PROCESS.store(process_id, Ordering::Release);
            // SAFETY: the box was just made and is never freed.
            return unsafe { &*table };
        }
        // SAFETY: nobody else has seen this box.
        drop(unsafe { Box::from_raw(table) });
        // Another thread has made the table, and may be about to store the process.
        Self::active().unwrap_or_else(|| Box::leak(Box::default()))
    }

    /// Adds the sample of a timer signal. Runs in a signal handler.
    pub(super) fn record(&self, ticket: SampleTicket, weight: u32, registers: [u64; 4]) {
        let Some(entry) = self.entries.get(usize::from(ticket.entry)) else {
            return;
        };
        // In one order with the end of the session, which changes the generation and then waits for
        // the handlers.
        entry.handlers.fetch_add(1, Ordering::SeqCst);
        if entry.generation.load(Ordering::SeqCst) == ticket.generation {
            // SAFETY: the session ends only after this handler has left.
            if let Some(slots) = unsafe { entry.slots.load(Ordering::Acquire).as_ref() } {
                slots.record(ticket.thread, weight, registers);
            }
        }
        entry.handlers.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A profile in the table; it is removed when this is dropped.
pub(super) struct ActiveSession {
    table: &'static SessionTable,
    entry: u8,
    generation: u32,
    slots: Arc<SampleSlots>,
}

impl ActiveSession {
    /// `None` if the table is full.
    pub(super) fn begin(slots: Arc<SampleSlots>) -> Option<Self> {
        Self::begin_in(SessionTable::for_this_process(), slots)
    }

    fn begin_in(table: &'static SessionTable, slots: Arc<SampleSlots>) -> Option<Self> {
        let index = table.entries.iter().position(|entry| {
            entry
                .is_taken
                .compare_exchange(0, 1, Ordering::AcqRel, Ordering::Acquire)
                .is_ok()
        })?;
        let entry = &table.entries[index];
        let mut generation = 0;
        while generation == 0 {
            let last = table.last_generation.fetch_add(1, Ordering::Relaxed);
            generation = last.wrapping_add(1) & SampleTicket::GENERATION_MASK;
        }
        let shared = Arc::as_ptr(&slots).cast_mut();
        entry.slots.store(shared, Ordering::Release);
        entry.generation.store(generation, Ordering::SeqCst);
        Some(Self {
            table,
            entry: index as u8,
            generation,
            slots,
        })
    }

    /// What the timer of a thread sends.
    pub(super) fn ticket(&self, thread: u32) -> SampleTicket {
        SampleTicket {
            entry: self.entry,
            generation: self.generation,
            thread,
        }
    }

    pub(super) fn slots(&self) -> &SampleSlots {
        &self.slots
    }
}

impl Drop for ActiveSession {
    fn drop(&mut self) {
        /// A handler takes microseconds, unless its thread is stopped by a debugger.
        const MAX_WAITS: u32 = 1000;

        let entry = &self.table.entries[usize::from(self.entry)];
        entry.generation.store(0, Ordering::SeqCst);
        for _ in 0..MAX_WAITS {
            if entry.handlers.load(Ordering::SeqCst) == 0 {
                entry.slots.store(std::ptr::null_mut(), Ordering::Release);
                entry.is_taken.store(0, Ordering::Release);
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        // A handler may still write: neither the slots nor the entry are used again.
        std::mem::forget(Arc::clone(&self.slots));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(session: &ActiveSession) -> usize {
        let mut count = 0;
        session.slots().drain(|_| count += 1);
        count
    }

    #[test]
    fn a_ticket_survives_its_signal_value() {
        let ticket = SampleTicket {
            entry: 7,
            generation: 0xab_cdef,
            thread: u32::MAX,
        };
        assert_eq!(SampleTicket::from_value(ticket.to_value()), Some(ticket));
        for foreign in [0, 7, u64::MAX, ticket.to_value() ^ 1 << 63] {
            assert_eq!(SampleTicket::from_value(foreign), None, "{foreign:#x}");
        }
    }

    #[test]
    fn a_late_signal_does_nothing() {
        let table: &'static SessionTable = Box::leak(Box::default());
        let slots = || Arc::new(SampleSlots::new(1).unwrap());
        let registers = [0, &raw const table as u64, 0, 0];
        let first = ActiveSession::begin_in(table, slots()).unwrap();
        let late = first.ticket(3);
        table.record(late, 1, registers);
        assert_eq!(drained(&first), 1);
        drop(first);
        table.record(late, 1, registers);
        let second = ActiveSession::begin_in(table, slots()).unwrap();
        assert_eq!(second.entry, late.entry, "the entry is used again");
        table.record(late, 1, registers);
        assert_eq!(drained(&second), 0);
        table.record(second.ticket(3), 1, registers);
        assert_eq!(drained(&second), 1);
    }

    #[test]
    fn sessions_have_entries_of_their_own() {
        let table: &'static SessionTable = Box::leak(Box::default());
        let slots = || Arc::new(SampleSlots::new(1).unwrap());
        let sessions: Vec<_> =
            std::iter::from_fn(|| ActiveSession::begin_in(table, slots())).collect();
        assert_eq!(sessions.len(), TABLE_LENGTH);
        table.record(sessions[2].ticket(0), 1, [0, &raw const table as u64, 0, 0]);
        let counts: Vec<_> = sessions.iter().map(drained).collect();
        assert_eq!(counts, [0, 0, 1, 0, 0, 0, 0, 0]);
    }
}
