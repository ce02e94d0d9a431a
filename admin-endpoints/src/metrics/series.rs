//! The series of one family: the arena that scrapes read, and the new ones that the next scrape
//! merges into it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::arena::Arena;
use super::cells::Cell;

type New<C> = BTreeMap<Box<str>, Arc<C>>;

/// Series by label text. Registration takes a lock for one look-up; nothing holds it while it
/// copies the arena.
#[derive(Debug)]
pub(crate) struct Series<C> {
    inner: Mutex<Inner<C>>,
}

#[derive(Debug)]
struct Inner<C> {
    arena: Arc<Arena<C>>,
    /// What is being merged just now; still looked up, so that nobody makes the same series twice.
    merging: Arc<New<C>>,
    pending: New<C>,
    /// Series of the arena that the next merge leaves out.
    retired: usize,
    /// Cells made ahead and side by side in memory, as scrapes read them; the next one last.
    spare: Vec<Arc<C>>,
}

/// Spare cells of one family at most, and their bytes.
const SPARE: usize = 256;
const SPARE_BYTES: usize = 1 << 16;

impl<C: Cell> Series<C> {
    pub(crate) fn new() -> Self {
        let arena = Arc::new(Arena::empty());
        let inner = Inner {
            arena,
            merging: Arc::default(),
            pending: New::new(),
            retired: 0,
            spare: Vec::new(),
        };
        Self {
            inner: Mutex::new(inner),
        }
    }

    /// The cell of the series with these labels, made if there is none.
    pub(crate) fn get_or_insert(&self, labels: String, make: impl Fn() -> C) -> Arc<C> {
        let mut inner = self.lock();
        let known = inner
            .pending
            .get(&*labels)
            .or_else(|| inner.merging.get(&*labels))
            .or_else(|| {
                inner
                    .arena
                    .get(&labels)
                    .filter(|cell| !cell.activity().is_retired())
            });
        if let Some(cell) = known {
            return cell.clone();
        }
        let cell = inner.spare.pop().unwrap_or_else(|| {
            // As many again as there are, so that a family of one series has none to spare.
            let some = (inner.pending.len() + inner.arena.len()).min(SPARE_BYTES / size_of::<C>());
            inner
                .spare
                .extend((0..some.min(SPARE)).map(|_| Arc::new(make())));
            inner.spare.reverse();
            inner.spare.pop().unwrap_or_else(|| Arc::new(make()))
        });
        inner.pending.insert(labels.into(), cell.clone());
        cell
    }

    /// The series as of the last merge.
    pub(crate) fn arena(&self) -> Arc<Arena<C>> {
        self.lock().arena.clone()
    }

    /// Lists what was registered since the last merge and leaves out what was retired.
    ///
    /// Two merges at a time would lose series: callers take turns.
    pub(crate) fn merge(&self) {
        let (arena, new) = {
            let mut inner = self.lock();
            if inner.pending.is_empty() && inner.retired == 0 {
                return;
            }
            inner.merging = Arc::new(std::mem::take(&mut inner.pending));
            inner.retired = 0;
            (inner.arena.clone(), inner.merging.clone())
        };
        let merged = Arc::new(arena.merged(&new, |cell| !cell.activity().is_retired()));
        let mut inner = self.lock();
        inner.arena = merged;
        inner.merging = Arc::default();
    }

    /// Retires the series that are idle according to `is_idle` and whose cell nobody but the arena
    /// holds; returns how many. Must not run beside a merge.
    pub(crate) fn retire_idle(&self, is_idle: impl Fn(&C) -> bool) -> usize {
        let mut inner = self.lock();
        // Under this lock nobody can get a cell out of the arena that is not held elsewhere
        // already.
        let retired = inner
            .arena
            .cells()
            .iter()
            .filter(|cell| Arc::strong_count(cell) == 1)
            .filter(|cell| !cell.activity().is_retired() && is_idle(cell))
            .inspect(|cell| cell.activity().retire())
            .count();
        inner.retired += retired;
        retired
    }

    fn lock(&self) -> MutexGuard<'_, Inner<C>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::cells::CounterCell;
    use super::*;

    fn listed(series: &Series<CounterCell>) -> Vec<String> {
        let arena = series.arena();
        let text = |index| String::from_utf8(arena.labels(index).to_vec()).unwrap();
        (0..arena.len()).map(text).collect()
    }

    #[test]
    fn a_series_is_one_cell_before_and_after_the_merge() {
        let series = Series::new();
        let first = series.get_or_insert("b".into(), CounterCell::new);
        assert!(Arc::ptr_eq(
            &first,
            &series.get_or_insert("b".into(), CounterCell::new)
        ));
        assert!(listed(&series).is_empty());
        series.merge();
        assert!(Arc::ptr_eq(
            &first,
            &series.get_or_insert("b".into(), CounterCell::new)
        ));
        series.get_or_insert("a".into(), CounterCell::new);
        series.merge();
        assert_eq!(listed(&series), ["a", "b"]);
    }

    #[test]
    fn an_idle_series_goes_only_when_nobody_holds_it_and_may_come_back() {
        let series = Series::new();
        let held = series.get_or_insert("a".into(), CounterCell::new);
        series.get_or_insert("b".into(), CounterCell::new);
        series.merge();
        assert_eq!(series.retire_idle(|_| true), 1);
        assert_eq!(series.retire_idle(|_| true), 0);
        let again = series.get_or_insert("b".into(), CounterCell::new);
        series.merge();
        assert_eq!(listed(&series), ["a", "b"]);
        drop((held, again));
        assert_eq!(series.retire_idle(|_| true), 2);
        series.merge();
        assert!(listed(&series).is_empty());
    }
}
