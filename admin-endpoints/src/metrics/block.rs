//! Some of the sorted series of one family, laid out for rendering: all label texts in one buffer,
//! the cells next to it.

use std::sync::Arc;

/// Sorted series. A scrape keeps the block that it reads; registration then changes a copy.
#[derive(Debug)]
pub(super) struct Block<C> {
    text: Vec<u8>,
    /// End of each label text, which is the start of the next one.
    ends: Vec<usize>,
    cells: Vec<Arc<C>>,
}

impl<C> Block<C> {
    pub(super) fn new() -> Self {
        Self {
            text: Vec::new(),
            ends: Vec::new(),
            cells: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Bytes of all label texts.
    pub(super) fn text_len(&self) -> usize {
        self.text.len()
    }

    /// The cells in the order of their label texts.
    pub(super) fn cells(&self) -> &[Arc<C>] {
        &self.cells
    }

    /// The label texts from the series `first` on.
    #[inline]
    pub(super) fn labels_from(&self, first: usize) -> impl Iterator<Item = &[u8]> {
        let mut start = self.start(first);
        self.ends.iter().skip(first).map(move |&end| {
            let range = std::mem::replace(&mut start, end)..end;
            self.text.get(range).unwrap_or_default()
        })
    }

    /// The label text of a series, empty if `index` is out of range.
    #[inline]
    pub(super) fn labels(&self, index: usize) -> &[u8] {
        let end = self.ends.get(index).copied().unwrap_or_default();
        self.text.get(self.start(index)..end).unwrap_or_default()
    }

    /// The label text of the last series.
    pub(super) fn last_labels(&self) -> &[u8] {
        self.labels(self.len().saturating_sub(1))
    }

    /// The index of the series with these labels, or else where it would be inserted.
    pub(super) fn position(&self, labels: &[u8]) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.labels(middle).cmp(labels) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Ok(middle),
            }
        }
        Err(low)
    }

    /// Inserts a series at the index that [`position`](Self::position) returned.
    pub(super) fn insert(&mut self, index: usize, labels: &[u8], cell: Arc<C>) {
        let start = self.start(index);
        self.text.extend_from_slice(labels);
        self.text[start..].rotate_right(labels.len());
        self.ends.insert(index, start);
        for end in &mut self.ends[index..] {
            *end += labels.len();
        }
        self.cells.insert(index, cell);
    }

    /// Removes the series from `index` on and returns them as a block.
    pub(super) fn split_off(&mut self, index: usize) -> Self {
        let start = self.start(index);
        let mut ends = self.ends.split_off(index);
        for end in &mut ends {
            *end -= start;
        }
        Self {
            text: self.text.split_off(start),
            ends,
            cells: self.cells.split_off(index),
        }
    }

    /// A block with the series whose cells `keep` selects.
    pub(super) fn filtered(&self, keep: impl Fn(&Arc<C>) -> bool) -> Self {
        let mut kept = Self::new();
        for (labels, cell) in self.labels_from(0).zip(&self.cells) {
            if keep(cell) {
                kept.text.extend_from_slice(labels);
                kept.ends.push(kept.text.len());
                kept.cells.push(Arc::clone(cell));
            }
        }
        kept
    }

    fn start(&self, index: usize) -> usize {
        index
            .checked_sub(1)
            .and_then(|previous| self.ends.get(previous))
            .copied()
            .unwrap_or_default()
    }
}

// Not derived: the cells are shared, so `C` need not be `Clone`.
impl<C> Clone for Block<C> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            ends: self.ends.clone(),
            cells: self.cells.clone(),
        }
    }
}
