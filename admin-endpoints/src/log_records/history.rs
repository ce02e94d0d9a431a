//! The last records, for clients that come later.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::limits::{MAX_BUFFER_BYTES, MAX_KEPT_RECORDS};
use super::record::LogRecord;
use crate::sync::lock;

/// The last [`MAX_KEPT_RECORDS`] records, of at most [`MAX_BUFFER_BYTES`]; none unless it is on.
#[derive(Debug, Default)]
pub(crate) struct RecordHistory {
    is_on: AtomicBool,
    kept: Mutex<KeptRecords>,
}

#[derive(Debug, Default)]
struct KeptRecords {
    records: VecDeque<(Arc<LogRecord>, usize)>,
    bytes: usize,
}

impl RecordHistory {
    pub(super) fn turn_on(&self) {
        self.is_on.store(true, Ordering::Release);
    }

    pub(crate) fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Acquire)
    }

    pub(super) fn push(&self, record: &Arc<LogRecord>, size: usize) {
        let mut kept = lock(&self.kept);
        kept.bytes += size;
        kept.records.push_back((Arc::clone(record), size));
        let mut removed = Vec::new();
        while kept.bytes > MAX_BUFFER_BYTES || kept.records.len() > MAX_KEPT_RECORDS {
            let Some((record, size)) = kept.records.pop_front() else {
                break;
            };
            kept.bytes -= size;
            removed.push(record);
        }
        drop(kept);
        drop(removed); // without the lock
    }

    /// The last `count` records that a filter wants, oldest first.
    pub(crate) fn last(
        &self,
        count: usize,
        wants: impl Fn(&LogRecord) -> bool,
    ) -> Vec<Arc<LogRecord>> {
        let kept = lock(&self.kept);
        let newest_first = kept.records.iter().rev().map(|(record, _)| record);
        let wanted = newest_first.filter(|record| wants(record)).take(count);
        let mut last: Vec<_> = wanted.cloned().collect();
        drop(kept);
        last.reverse();
        last
    }
}
