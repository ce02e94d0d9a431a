//! The series of one family, laid out for rendering: all label texts in one string, the cells beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Sorted series. Never changed, only replaced, so that a scrape can keep reading the one it began with.
#[derive(Debug)]
pub(crate) struct Arena<C> {
    text: String,
    /// Where each label text ends; the next one starts there.
    ends: Vec<usize>,
    cells: Vec<Arc<C>>,
}

impl<C> Arena<C> {
    pub(crate) fn empty() -> Self {
        Self {
            text: String::new(),
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

    /// Label texts and cells, from the series `first` on.
    pub(crate) fn iter_from(&self, first: usize) -> impl Iterator<Item = (&str, &C)> {
        let mut start = self.start(first);
        self.ends
            .iter()
            .zip(&self.cells)
            .skip(first)
            .map(move |(&end, cell)| {
                let labels = &self.text[start..end];
                start = end;
                (labels, &**cell)
            })
    }

    /// The cell of the series with these labels.
    pub(crate) fn get(&self, labels: &str) -> Option<&Arc<C>> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.labels(middle).cmp(labels) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.cells.get(middle),
            }
        }
        None
    }

    /// A new arena with the series of both, where a new one replaces an old one of the same labels, and without the
    /// old ones that are not to be kept.
    pub(crate) fn merged(
        &self,
        new: &BTreeMap<Box<str>, Arc<C>>,
        keep: impl Fn(&C) -> bool,
    ) -> Self {
        let mut merged = Self {
            text: String::with_capacity(
                self.text.len() + new.keys().map(|l| l.len()).sum::<usize>(),
            ),
            ends: Vec::with_capacity(self.len() + new.len()),
            cells: Vec::with_capacity(self.len() + new.len()),
        };
        let mut new = new.iter().peekable();
        for (index, cell) in self.cells.iter().enumerate().filter(|(_, cell)| keep(cell)) {
            let labels = self.labels(index);
            while let Some((labels, cell)) = new.next_if(|(next, _)| &***next < labels) {
                merged.push(labels, cell);
            }
            match new.next_if(|(next, _)| &***next == labels) {
                Some((labels, cell)) => merged.push(labels, cell),
                None => merged.push(labels, cell),
            }
        }
        new.for_each(|(labels, cell)| merged.push(labels, cell));
        merged
    }

    fn push(&mut self, labels: &str, cell: &Arc<C>) {
        self.text.push_str(labels);
        self.ends.push(self.text.len());
        self.cells.push(cell.clone());
    }

    fn labels(&self, index: usize) -> &str {
        &self.text[self.start(index)..self.ends[index]]
    }

    fn start(&self, index: usize) -> usize {
        index
            .checked_sub(1)
            .map_or(0, |previous| self.ends[previous])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn listed(arena: &Arena<u32>) -> Vec<(String, u32)> {
        arena
            .iter_from(0)
            .map(|(labels, cell)| (labels.to_owned(), *cell))
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
                for first in 0..=expected.len() {
                    let rest: Vec<u32> = arena.iter_from(first).map(|(_, cell)| *cell).collect();
                    let wanted: Vec<u32> = expected[first..].iter().map(|(_, cell)| *cell).collect();
                    prop_assert_eq!(rest, wanted);
                }
            }
        }
    }
}
