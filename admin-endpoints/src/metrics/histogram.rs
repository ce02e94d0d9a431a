//! A histogram with fixed buckets: two shards that take records, and the totals that scrapes have
//! collected.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metrics::HistogramFn;

use super::cells::Cell;
use super::idle::Activity;
use super::shards::{Cold, Shards, add_f64};

/// How long a collector waits for records that are between their first and their last instruction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Looks with nothing but a spin hint between them.
    pub(crate) spins: u32,
    /// Looks after that, with the processor given away between them.
    pub(crate) yields: u32,
}

impl Patience {
    /// For a scrape, which must never block and can do without.
    pub(crate) const SCRAPE: Self = Self {
        spins: 200,
        yields: 0,
    };
    /// For a reset, which may block its thread for some milliseconds.
    pub(crate) const RESET: Self = Self {
        spins: 200,
        yields: 2_000,
    };
}

/// A histogram's series: its buckets and everything recorded since the last reset.
#[derive(Debug)]
pub(crate) struct HistogramCell {
    bounds: Arc<[f64]>,
    shards: Shards,
    totals: Totals,
    /// A shard that was flipped and had records still under way. Collectors take turns with this
    /// lock; no record takes it.
    late: Mutex<Option<Late>>,
    activity: Activity,
}

/// What collectors have taken out of the shards; written by the one whose turn it is.
#[derive(Debug)]
struct Totals {
    counts: Box<[AtomicU64]>,
    /// Bits of an `f64`.
    sum: AtomicU64,
}

#[derive(Debug)]
struct Late {
    cold: Cold,
    /// It was reset: its contents are thrown away, not added, once it is quiet.
    discard: bool,
}

/// A record has been under way since before an earlier collection, so that a reset cannot be exact
/// now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy;

impl Totals {
    fn new(buckets: usize) -> Self {
        Self {
            counts: (0..buckets).map(|_| AtomicU64::new(0)).collect(),
            sum: AtomicU64::new(0),
        }
    }

    /// Empties them and returns the number of records.
    fn clear(&self) -> u64 {
        self.sum.store(0, Ordering::Relaxed);
        self.counts
            .iter()
            .map(|count| count.swap(0, Ordering::Relaxed))
            .sum()
    }
}

impl HistogramCell {
    /// An empty histogram; `bounds` ascend, are finite, and the bucket up to +Inf goes without
    /// saying.
    pub(crate) fn new(bounds: Arc<[f64]>) -> Self {
        let buckets = bounds.len() + 1;
        let (shards, totals) = (Shards::new(buckets), Totals::new(buckets));
        Self {
            bounds,
            shards,
            totals,
            late: Mutex::new(None),
            activity: Activity::new(),
        }
    }

    /// Has the memory of a snapshot fetched. The lock of [`snapshot`](Self::snapshot) keeps the
    /// processor from fetching that of several histograms side by side, as it does for this.
    pub(crate) fn fetch(&self) -> u64 {
        let ends = [self.totals.counts.first(), self.totals.counts.last()];
        ends.into_iter()
            .flatten()
            .fold(0, |all, count| all ^ count.load(Ordering::Relaxed))
    }

    /// Writes the samples of each bucket (not cumulative, +Inf last) to `counts` and returns their
    /// sum.
    ///
    /// The snapshot is whole: count and sum are of the same records. Only when a record is
    /// suspended half-way may the sum be of one record more than the counts.
    pub(crate) fn snapshot(&self, counts: &mut Vec<u64>) -> f64 {
        let mut late = self.lock();
        if self.settle(&mut late, Patience::SCRAPE) && self.shards.is_claimed() {
            *late = Some(Late {
                cold: self.shards.flip(),
                discard: false,
            });
            self.settle(&mut late, Patience::SCRAPE);
        }
        counts.clear();
        counts.extend(
            self.totals
                .counts
                .iter()
                .map(|count| count.load(Ordering::Relaxed)),
        );
        let mut sum = f64::from_bits(self.totals.sum.load(Ordering::Relaxed));
        if let Some(late) = &*late {
            let mut add = |bucket: usize, count| counts[bucket] += count;
            if !late.discard {
                sum += self.shards.peek_cold(&late.cold, &mut add);
            }
            sum += self.shards.peek_hot(add);
        }
        sum
    }

    /// Empties the histogram; returns how many records it had, those still under way included.
    ///
    /// The flip is the moment of the reset. Records that claimed their place before it are thrown
    /// away even if they arrive later.
    pub(crate) fn reset(&self, patience: Patience) -> Result<u64, Busy> {
        let mut late = self.lock();
        if !self.settle(&mut late, patience) {
            return Err(Busy);
        }
        let cold = self.shards.flip();
        let count = self.totals.clear() + cold.claimed();
        *late = Some(Late {
            cold,
            discard: true,
        });
        self.settle(&mut late, patience);
        Ok(count)
    }

    /// Takes the late shard if it is, or becomes, quiet; false if there still is one afterwards.
    fn settle(&self, slot: &mut Option<Late>, patience: Patience) -> bool {
        let Some(late) = slot.take() else { return true };
        let mut looks = 0;
        while !self.shards.quiet(&late.cold) {
            if looks < patience.spins {
                std::hint::spin_loop();
            } else if looks - patience.spins < patience.yields {
                std::thread::yield_now();
            } else {
                *slot = Some(late);
                return false;
            }
            looks += 1;
        }
        if late.discard {
            self.shards.take(&late.cold, |_, _| {});
        } else {
            let counts = &self.totals.counts;
            let sum = self.shards.take(&late.cold, |bucket, count| {
                counts[bucket].fetch_add(count, Ordering::Relaxed);
            });
            add_f64(&self.totals.sum, sum);
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, Option<Late>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record_samples(&self, value: f64, count: u64) {
        // NaN belongs to no bucket but the last, hence the negation.
        #[allow(clippy::neg_cmp_op_on_partial_ord)]
        let bucket = self.bounds.partition_point(|bound| !(value <= *bound));
        self.shards.record(bucket, value * count as f64, count);
        self.activity.touch();
    }
}

impl HistogramFn for HistogramCell {
    fn record(&self, value: f64) {
        self.record_samples(value, 1);
    }

    fn record_many(&self, value: f64, count: usize) {
        // The claims have 63 bits between two collections; no single call may use them up.
        let count = (count as u64).min(1 << 40);
        if count > 0 {
            self.record_samples(value, count);
        }
    }
}

impl Cell for HistogramCell {
    fn activity(&self) -> &Activity {
        &self.activity
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram() -> HistogramCell {
        HistogramCell::new(Arc::from([1.0, 2.0]))
    }

    fn snapshot(histogram: &HistogramCell) -> (Vec<u64>, f64) {
        let mut counts = Vec::new();
        let sum = histogram.snapshot(&mut counts);
        (counts, sum)
    }

    #[test]
    fn a_bound_is_inclusive_and_nan_is_in_the_last_bucket() {
        let histogram = histogram();
        for value in [1.0, 1.5, 2.0, 2.5, f64::NEG_INFINITY] {
            histogram.record(value);
        }
        assert_eq!(snapshot(&histogram).0, [2, 2, 1]);
        histogram.record(f64::NAN);
        let (counts, sum) = snapshot(&histogram);
        assert_eq!(counts, [2, 2, 2]);
        assert!(sum.is_nan());
        assert_eq!(histogram.reset(Patience::RESET), Ok(6));
        assert_eq!(snapshot(&histogram), (vec![0, 0, 0], 0.0));
    }

    #[test]
    fn many_at_once_count_as_often() {
        let histogram = histogram();
        histogram.record_many(0.5, 4);
        histogram.record_many(0.5, 0);
        assert_eq!(snapshot(&histogram), (vec![4, 0, 0], 2.0));
    }

    #[test]
    fn snapshots_accumulate() {
        let histogram = histogram();
        for round in 1..=5 {
            histogram.record(1.5);
            assert_eq!(
                snapshot(&histogram),
                (vec![0, round, 0], 1.5 * round as f64)
            );
        }
    }

    /// A record that has claimed its place and then stands still, which no caller can be kept from.
    #[test]
    fn a_stuck_record_blocks_no_scrape_and_is_not_counted_after_the_reset() {
        let histogram = histogram();
        histogram.record(0.5);
        let stuck = histogram.shards.claim_only();
        assert_eq!(snapshot(&histogram).0, [1, 0, 0]);
        histogram.record(1.5);
        assert_eq!(snapshot(&histogram).0, [1, 1, 0]);
        assert_eq!(histogram.reset(Patience::SCRAPE), Err(Busy));
        histogram.shards.arrive(stuck, 2);
        assert_eq!(snapshot(&histogram).0, [1, 1, 1]);

        let stuck = histogram.shards.claim_only();
        assert_eq!(histogram.reset(Patience::SCRAPE), Ok(4));
        histogram.record(1.5);
        assert_eq!(snapshot(&histogram).0, [0, 1, 0]);
        histogram.shards.arrive(stuck, 2);
        assert_eq!(snapshot(&histogram).0, [0, 1, 0]);
        assert_eq!(histogram.reset(Patience::SCRAPE), Ok(1));
    }
}
