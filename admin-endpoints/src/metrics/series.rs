//! The series of one family, sorted by label text, in blocks of bounded size.
//!
//! Registration inserts into one block and a scrape reads one block at a time, so that neither
//! needs memory in proportion to the number of series.

use std::sync::{Arc, Mutex, MutexGuard};

use super::block::Block;
use super::cells::Cell;
use crate::sync::lock;

/// Series by label text. Registration holds the lock for one lookup and the change of one block.
#[derive(Debug)]
pub(super) struct Series<C> {
    sorted: Mutex<SortedBlocks<C>>,
}

/// Blocks in the order of their labels; none is empty.
#[derive(Debug)]
struct SortedBlocks<C> {
    blocks: Vec<Arc<Block<C>>>,
    len: usize,
    /// Cells that are allocated ahead, adjacent in memory because scrapes read them in this order;
    /// the next one last.
    spare: Vec<Arc<C>>,
}

/// A block with more series is split.
const MAX_BLOCK_SERIES: usize = 256;
/// A block with longer label texts is split.
const MAX_BLOCK_TEXT_BYTES: usize = 32 * 1024;
/// Spare cells of one family.
const MAX_SPARE_CELLS: usize = 256;
/// Memory of the spare cells of one family.
const MAX_SPARE_BYTES: usize = 64 * 1024;

impl<C: Cell> Series<C> {
    pub(super) fn new() -> Self {
        Self {
            sorted: Mutex::new(SortedBlocks {
                blocks: Vec::new(),
                len: 0,
                spare: Vec::new(),
            }),
        }
    }

    /// The cell of the series with these labels; `create` makes it if there is none.
    pub(super) fn get_or_insert(&self, labels: &str, create: impl Fn() -> C) -> Arc<C> {
        let labels = labels.as_bytes();
        let mut sorted = self.lock();
        let block = sorted.block_index(labels);
        match sorted.blocks.get(block).map(|block| block.position(labels)) {
            Some(Ok(index)) => Arc::clone(&sorted.blocks[block].cells()[index]),
            Some(Err(index)) => {
                let cell = sorted.take_spare(create);
                sorted.insert(block, index, labels, Arc::clone(&cell));
                cell
            }
            None => {
                let cell = sorted.take_spare(create);
                let mut first = Block::new();
                first.insert(0, labels, Arc::clone(&cell));
                sorted.blocks.push(Arc::new(first));
                sorted.len += 1;
                cell
            }
        }
    }

    /// Whether there is a series with these labels.
    pub(super) fn contains(&self, labels: &str) -> bool {
        let sorted = self.lock();
        let block = sorted.blocks.get(sorted.block_index(labels.as_bytes()));
        block.is_some_and(|block| block.position(labels.as_bytes()).is_ok())
    }

    /// The block with the first series after the labels `after`, or else with the first of all, and
    /// the index of that series in the block.
    pub(super) fn block_after(&self, after: Option<&[u8]>) -> Option<(Arc<Block<C>>, usize)> {
        let sorted = self.lock();
        let Some(after) = after else {
            return sorted.blocks.first().map(|block| (Arc::clone(block), 0));
        };
        let index = sorted.block_index(after);
        let block = sorted.blocks.get(index)?;
        let first = block
            .position(after)
            .map_or_else(|next| next, |same| same + 1);
        if first < block.len() {
            return Some((Arc::clone(block), first));
        }
        let next = sorted.blocks.get(index + 1)?;
        Some((Arc::clone(next), 0))
    }

    /// Removes the series that are idle according to `is_idle` and whose cell is referenced by this
    /// list only.
    ///
    /// A series that a scrape reads at the same time may remain until the next call.
    pub(super) fn remove_idle(&self, is_idle: impl Fn(&C) -> bool) {
        // Under this lock no thread can get a reference to a cell that has none outside of the list.
        let mut sorted = self.lock();
        let is_removable = |cell: &Arc<C>| Arc::strong_count(cell) == 1 && is_idle(cell);
        for block in &mut sorted.blocks {
            if block.cells().iter().any(is_removable) {
                *block = Arc::new(block.filtered(|cell| !is_removable(cell)));
            }
        }
        sorted.blocks.retain(|block| block.len() > 0);
        sorted.len = sorted.blocks.iter().map(|block| block.len()).sum();
    }

    fn lock(&self) -> MutexGuard<'_, SortedBlocks<C>> {
        lock(&self.sorted)
    }
}

impl<C> SortedBlocks<C> {
    /// The block that has these labels, if any has.
    fn block_index(&self, labels: &[u8]) -> usize {
        self.blocks
            .partition_point(|block| block.labels(0) <= labels)
            .saturating_sub(1)
    }

    fn insert(&mut self, block: usize, index: usize, labels: &[u8], cell: Arc<C>) {
        let is_last = block + 1 == self.blocks.len();
        let changed = Arc::make_mut(&mut self.blocks[block]);
        changed.insert(index, labels, cell);
        self.len += 1;
        let series = changed.len();
        if series > MAX_BLOCK_SERIES || (series > 1 && changed.text_len() > MAX_BLOCK_TEXT_BYTES) {
            // Series that are registered in order fill their blocks completely.
            let is_appended = is_last && index + 1 == series;
            let middle = if is_appended { index } else { series / 2 };
            let upper = changed.split_off(middle);
            self.blocks.insert(block + 1, Arc::new(upper));
        }
    }

    fn take_spare(&mut self, create: impl Fn() -> C) -> Arc<C> {
        if self.spare.is_empty() {
            // At most as many as are in use: a family of one series has no spare cell.
            let count = self
                .len
                .min(MAX_SPARE_CELLS)
                .min(MAX_SPARE_BYTES / size_of::<C>());
            self.spare.extend((0..count).map(|_| Arc::new(create())));
            self.spare.reverse();
        }
        self.spare.pop().unwrap_or_else(|| Arc::new(create()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::cells::CounterCell;
    use super::*;

    fn listed(series: &Series<CounterCell>) -> Vec<String> {
        let mut listed = Vec::new();
        let mut after: Option<Vec<u8>> = None;
        while let Some((block, first)) = series.block_after(after.as_deref()) {
            let labels = block.labels_from(first);
            listed.extend(labels.map(|labels| String::from_utf8(labels.to_vec()).unwrap()));
            after = Some(block.last_labels().to_vec());
        }
        listed
    }

    #[test]
    fn equal_labels_share_one_cell() {
        let series = Series::new();
        let first = series.get_or_insert("b", CounterCell::new);
        series.get_or_insert("a", CounterCell::new);
        let again = series.get_or_insert("b", CounterCell::new);
        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!(listed(&series), ["a", "b"]);
        assert!(series.contains("a") && !series.contains("c"));
    }

    #[test]
    fn idle_series_are_removed_once_unreferenced() {
        let series = Series::new();
        let held = series.get_or_insert("a", CounterCell::new);
        series.get_or_insert("b", CounterCell::new);
        series.remove_idle(|_| true);
        assert_eq!(listed(&series), ["a"]);
        let again = series.get_or_insert("b", CounterCell::new);
        assert_eq!(listed(&series), ["a", "b"]);
        drop((held, again));
        series.remove_idle(|_| true);
        assert!(listed(&series).is_empty());
    }

    #[test]
    fn blocks_have_bounded_size() {
        let series = Series::new();
        for i in 0..5_000 {
            let long = "x".repeat(i % 500);
            series.get_or_insert(&format!("{:05}{long}", i * 7919 % 5_000), CounterCell::new);
        }
        let sorted = series.lock();
        assert_eq!(sorted.len, 5_000);
        assert!(sorted.blocks.len() < 200);
        for block in &sorted.blocks {
            assert!((1..=MAX_BLOCK_SERIES).contains(&block.len()));
            assert!(block.text_len() <= MAX_BLOCK_TEXT_BYTES);
        }
    }

    #[test]
    fn a_reader_sees_each_series_once() {
        let series = Series::new();
        for i in (0..3_000).step_by(2) {
            series.get_or_insert(&format!("{i:04}"), CounterCell::new);
        }
        let (mut read, mut after) = (Vec::new(), None::<Vec<u8>>);
        let mut new = (1..3_000).step_by(2);
        while let Some((block, first)) = series.block_after(after.as_deref()) {
            read.extend(block.labels_from(first).map(<[u8]>::to_vec));
            after = Some(block.last_labels().to_vec());
            // Registered while the block is in use, so that blocks are copied and split.
            for i in new.by_ref().take(400) {
                series.get_or_insert(&format!("{i:04}"), CounterCell::new);
            }
        }
        assert!(read.is_sorted_by(|a, b| a < b));
        let even = |labels: &&Vec<u8>| labels.last().is_some_and(|digit| digit % 2 == 0);
        assert_eq!(read.iter().filter(even).count(), 1_500);
    }

    proptest! {
        #[test]
        fn series_are_sorted_and_unique(labels in prop::collection::vec("[abc]{0,4}", 0..400)) {
            let series = Series::new();
            for labels in &labels {
                series.get_or_insert(labels, CounterCell::new);
            }
            let expected: Vec<_> = labels.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
            prop_assert_eq!(listed(&series), expected);
        }
    }
}
