//! Records on their way to one reader.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::limits::MAX_BUFFER_BYTES;
use super::record::LogRecord;
use crate::sync::lock;

/// What a reader takes out.
#[derive(Clone, Debug)]
pub(crate) enum BufferEntry {
    Record(Arc<LogRecord>),
    /// As many records were dropped here.
    Dropped(u64),
}

/// Why a reader was woken.
#[derive(Debug)]
pub(crate) enum Taken {
    Entries(Vec<BufferEntry>),
    /// Nothing came in time.
    TimedOut,
    /// The buffer was closed; what it still had.
    Closed(Vec<BufferEntry>),
}

/// A queue of at most [`MAX_BUFFER_BYTES`] between threads that log and one reader.
#[derive(Debug, Default)]
pub(crate) struct RecordBuffer {
    state: Mutex<BufferState>,
    not_empty: Condvar,
    /// Whether a record was dropped since the reader took some. Changed under the lock.
    is_full: AtomicBool,
}

#[derive(Debug, Default)]
struct BufferState {
    entries: VecDeque<(BufferEntry, usize)>,
    bytes: usize,
    is_closed: bool,
    /// Whether the reader sleeps and has not been woken.
    reader_sleeps: bool,
}

impl RecordBuffer {
    /// Drops a record that is not made yet, if the one before it was dropped and the reader has
    /// taken none since.
    pub(super) fn drop_if_full(&self) -> bool {
        if !self.is_full.load(Ordering::Relaxed) {
            return false;
        }
        let mut state = lock(&self.state);
        let is_full = self.is_full.load(Ordering::Relaxed);
        if is_full {
            state.count_dropped();
        }
        is_full
    }

    /// Appends a record; `false` if it is full, then the record is dropped.
    pub(super) fn push(&self, record: &Arc<LogRecord>, size: usize) -> bool {
        let mut state = lock(&self.state);
        let fits = state.bytes + size <= MAX_BUFFER_BYTES;
        if fits {
            state.bytes += size;
            let entry = BufferEntry::Record(Arc::clone(record));
            state.entries.push_back((entry, size));
        } else {
            self.is_full.store(true, Ordering::Relaxed);
            state.count_dropped();
        }
        let wakes = std::mem::take(&mut state.reader_sleeps);
        drop(state);
        if wakes {
            self.not_empty.notify_one();
        }
        fits
    }

    /// Ends the reading. Records that come later are dropped with the buffer.
    pub(crate) fn close(&self) {
        lock(&self.state).is_closed = true;
        self.not_empty.notify_one();
    }

    /// Whether there is more to take.
    pub(crate) fn has_entries(&self) -> bool {
        !lock(&self.state).entries.is_empty()
    }

    /// Waits for records, and takes at most about `max_bytes` of them.
    pub(crate) fn take(&self, max_bytes: usize, timeout: Duration) -> Taken {
        let mut state = lock(&self.state);
        if state.entries.is_empty() && !state.is_closed {
            state.reader_sleeps = true;
            let is_idle = |state: &mut BufferState| state.entries.is_empty() && !state.is_closed;
            let waited = self.not_empty.wait_timeout_while(state, timeout, is_idle);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            state.reader_sleeps = false;
        }
        let max_bytes = if state.is_closed {
            usize::MAX
        } else {
            max_bytes
        };
        let mut taken = Vec::new();
        let mut bytes = 0;
        while bytes < max_bytes
            && let Some((entry, size)) = state.entries.pop_front()
        {
            bytes += size;
            taken.push(entry);
        }
        state.bytes -= bytes;
        self.is_full.store(false, Ordering::Relaxed);
        if state.is_closed {
            Taken::Closed(taken)
        } else if taken.is_empty() {
            Taken::TimedOut
        } else {
            Taken::Entries(taken)
        }
    }
}

impl BufferState {
    /// Counts a record that is dropped after the last entry.
    fn count_dropped(&mut self) {
        if let Some((BufferEntry::Dropped(count), _)) = self.entries.back_mut() {
            *count += 1;
        } else {
            self.entries.push_back((BufferEntry::Dropped(1), 0));
        }
    }
}

#[cfg(test)]
mod tests;
