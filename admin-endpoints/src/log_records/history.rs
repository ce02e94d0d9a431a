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

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use tracing::Level;

    use super::super::fields::CapturedFields;
    use super::super::record::RecordOrigin;
    use super::*;

    fn record(sequence: usize) -> Arc<LogRecord> {
        Arc::new(LogRecord {
            sequence: sequence as u64,
            time: UNIX_EPOCH,
            level: Level::INFO,
            origin: RecordOrigin::LogRecord(Box::default()),
            fields: CapturedFields::default(),
            spans: Vec::new(),
            omitted_spans: 0,
            request_id: None,
            thread: None,
        })
    }

    fn sequences(history: &RecordHistory, count: usize) -> Vec<u64> {
        let last = history.last(count, |_| true);
        last.iter().map(|record| record.sequence).collect()
    }

    #[test]
    fn the_oldest_records_are_dropped() {
        let history = RecordHistory::default();
        for sequence in 0..MAX_KEPT_RECORDS + 5 {
            history.push(&record(sequence), 1);
        }
        let kept = sequences(&history, usize::MAX);
        assert_eq!(kept.len(), MAX_KEPT_RECORDS);
        assert_eq!((kept[0], kept[MAX_KEPT_RECORDS - 1]), (5, 1004));
        assert_eq!(sequences(&history, 2), [1003, 1004]);
        let even = history.last(2, |record| record.sequence.is_multiple_of(2));
        assert_eq!(even[0].sequence, 1002, "of those that the filter wants");
    }

    #[test]
    fn large_records_take_the_place_of_many() {
        let history = RecordHistory::default();
        for sequence in 0..10 {
            history.push(&record(sequence), MAX_BUFFER_BYTES / 10);
        }
        assert_eq!(sequences(&history, 100).len(), 10);
        history.push(&record(10), MAX_BUFFER_BYTES / 2);
        assert_eq!(sequences(&history, 100), [5, 6, 7, 8, 9, 10]);
        history.push(&record(11), MAX_BUFFER_BYTES + 1);
        assert_eq!(sequences(&history, 100), [0; 0], "larger than the history");
        history.push(&record(12), MAX_BUFFER_BYTES);
        assert_eq!(sequences(&history, 100), [12], "its size was subtracted");
    }
}
