//! The series of one family, laid out for rendering: all label texts in one string, the cells
//! beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Sorted series. Never changed, only replaced, so that a scrape can keep reading the one it began
/// with.
#[derive(Debug)]
pub(crate) struct Arena<C> {
    text: Vec<u8>,
    /// Where each label text ends; the next one starts there.
    ends: Vec<usize>,
    cells: Vec<Arc<C>>,
}

impl<C> Arena<C> {
    pub(crate) fn empty() -> Self {
        Self {
            text: Vec::new(),
            ends: Vec::new(),
            cells: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The cells, in the order of their label texts.
    pub(crate) fn cells(&self) -> &[Arc<C>] {
        &self.cells
    }

    /// The label texts from the series `first` on.
    #[inline]
    pub(crate) fn labels_from(&self, first: usize) -> impl Iterator<Item = &[u8]> {
        let mut start = first
            .checked_sub(1)
            .and_then(|last| self.ends.get(last))
            .copied();
        self.ends.iter().skip(first).map(move |&end| {
            let range = start.replace(end).unwrap_or_default()..end;
            self.text.get(range).unwrap_or_default()
        })
    }

    /// The label text of a series. Indices beyond the last have none.
    #[inline]
    pub(crate) fn labels(&self, index: usize) -> &[u8] {
        let start = index
            .checked_sub(1)
            .map_or(Some(&0), |previous| self.ends.get(previous));
        let range = start
            .zip(self.ends.get(index))
            .map(|(start, end)| *start..*end);
        range
            .and_then(|range| self.text.get(range))
            .unwrap_or_default()
    }

    /// The cell of the series with these labels.
    pub(crate) fn get(&self, labels: &str) -> Option<&Arc<C>> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.labels(middle).cmp(labels.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.cells.get(middle),
            }
        }
        None
    }

    /// A new arena with the series of both, where a new one replaces an old one of the same labels,
    /// and without the old ones that are not to be kept.
    pub(crate) fn merged(
        &self,
        new: &BTreeMap<Box<str>, Arc<C>>,
        keep: impl Fn(&C) -> bool,
    ) -> Self {
        let mut merged = Self {
            text: Vec::with_capacity(self.text.len() + new.keys().map(|l| l.len()).sum::<usize>()),
            ends: Vec::with_capacity(self.len() + new.len()),
            cells: Vec::with_capacity(self.len() + new.len()),
        };
        let mut new = new.iter().peekable();
        for (index, cell) in self.cells.iter().enumerate().filter(|(_, cell)| keep(cell)) {
            let labels = self.labels(index);
            while let Some((labels, cell)) = new.next_if(|(next, _)| next.as_bytes() < labels) {
                merged.push(labels.as_bytes(), cell);
            }
            match new.next_if(|(next, _)| next.as_bytes() == labels) {
                Some((_, cell)) => merged.push(labels, cell),
                None => merged.push(labels, cell),
            }
        }
        new.for_each(|(labels, cell)| merged.push(labels.as_bytes(), cell));
        merged
    }

    fn push(&mut self, labels: &[u8], cell: &Arc<C>) {
        self.text.extend_from_slice(labels);
        self.ends.push(self.text.len());
        self.cells.push(cell.clone());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn listed(arena: &Arena<u32>) -> Vec<(String, u32)> {
        let text = |index| String::from_utf8(arena.labels(index).to_vec()).unwrap();
        arena
            .cells()
            .iter()
            .enumerate()
            .map(|(i, cell)| (text(i), **cell))
            .collect()
    }

    proptest! {
        #[test]
        fn merging_is_like_inserting_into_a_map(
            batches in proptest::collection::vec(
                proptest::collection::btree_map("[abc]{0,3}", 0u32..100, 0..10), 0..5),
        ) {
            let keep = |cell: &u32| !cell.is_multiple_of(3);
            let mut expected = BTreeMap::new();
            let mut arena = Arena::empty();
            for batch in batches {
                expected.retain(|_, cell| keep(cell));
                expected.extend(batch.clone());
                let batch = batch.into_iter().map(|(l, c)| (l.into(), Arc::new(c))).collect();
                arena = arena.merged(&batch, keep);
                let expected: Vec<_> = expected.clone().into_iter().collect();
                prop_assert_eq!(&listed(&arena), &expected);
                for (labels, cell) in &expected {
                    prop_assert_eq!(arena.get(labels).map(|c| **c), Some(*cell));
                }
                prop_assert_eq!(arena.get("d"), None);
                prop_assert_eq!(arena.labels(expected.len()), b"");
            }
        }
    }
}
