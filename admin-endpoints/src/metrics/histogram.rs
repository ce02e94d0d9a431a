//! A histogram with fixed buckets: two shards that records are written to, and the totals that
//! scrapes have collected from them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use metrics::HistogramFn;

use super::cells::Cell;
use super::idle::Activity;
use super::nan::NanSamples;
use super::shards::{ColdShard, Shards, add_f64};
use crate::sync::lock;

/// How long a collector waits for records in progress.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpinLimits {
    /// Checks with a spin hint between them.
    pub(super) spins: u32,
    /// Checks after that, with `yield_now` between them.
    pub(super) yields: u32,
}

impl SpinLimits {
    /// For a scrape, which must not block and can read an incomplete shard.
    pub(super) const SCRAPE: Self = Self {
        spins: 200,
        yields: 0,
    };
    /// For a reset, which may block its thread for a few milliseconds.
    pub(super) const RESET: Self = Self {
        spins: 200,
        yields: 2_000,
    };
}

/// One histogram series: everything recorded since the last reset.
#[derive(Debug)]
pub(super) struct HistogramCell {
    bounds: Arc<[f64]>,
    shards: Shards,
    totals: CollectedTotals,
    /// A shard that was flipped while records were in progress. The lock also serialises
    /// collectors; no record takes it.
    pending: Mutex<Option<PendingShard>>,
    nan_samples: Arc<NanSamples>,
    activity: Activity,
}

/// What collectors have taken out of the shards; written only under the lock of `pending`.
#[derive(Debug)]
struct CollectedTotals {
    counts: Box<[AtomicU64]>,
    /// The bits of an `f64`.
    sum: AtomicU64,
}

#[derive(Debug)]
struct PendingShard {
    cold: ColdShard,
    /// The histogram was reset: the contents are discarded instead of added.
    discard: bool,
}

/// A record has been in progress since before an earlier collection, so that an exact reset is not
/// possible now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HistogramBusy;

impl CollectedTotals {
    fn new(buckets: usize) -> Self {
        Self {
            counts: (0..buckets).map(|_| AtomicU64::new(0)).collect(),
            sum: AtomicU64::new(0),
        }
    }

    /// Sets them to zero and returns the number of records.
    fn clear(&self) -> u64 {
        self.sum.store(0, Ordering::Relaxed);
        self.counts
            .iter()
            .map(|count| count.swap(0, Ordering::Relaxed))
            .sum()
    }
}

impl HistogramCell {
    /// An empty histogram. `bounds` are finite and ascending; the bucket +Inf is added.
    pub(super) fn new(bounds: Arc<[f64]>, nan_samples: Arc<NanSamples>) -> Self {
        let buckets = bounds.len() + 1;
        let (shards, totals) = (Shards::new(buckets), CollectedTotals::new(buckets));
        Self {
            bounds,
            shards,
            totals,
            pending: Mutex::new(None),
            nan_samples,
            activity: Activity::new(),
        }
    }

    /// Loads the memory that [`snapshot`](Self::snapshot) reads into the cache. The lock of a
    /// snapshot prevents the processor from overlapping the loads of several histograms.
    pub(super) fn prefetch(&self) -> u64 {
        let ends = [self.totals.counts.first(), self.totals.counts.last()];
        ends.into_iter()
            .flatten()
            .fold(0, |sum, count| sum ^ count.load(Ordering::Relaxed))
    }

    /// Writes the samples of each bucket (not cumulative, +Inf last) to `counts` and returns their
    /// sum.
    ///
    /// The snapshot is consistent: counts and sum include the same records. Only if a thread is
    /// suspended within a record may the sum include one record more than the counts.
    pub(super) fn snapshot(&self, counts: &mut Vec<u64>) -> f64 {
        let mut pending = self.lock();
        if self.collect_pending(&mut pending, SpinLimits::SCRAPE) && self.shards.is_claimed() {
            *pending = Some(PendingShard {
                cold: self.shards.flip(),
                discard: false,
            });
            self.collect_pending(&mut pending, SpinLimits::SCRAPE);
        }
        counts.clear();
        counts.extend(
            self.totals
                .counts
                .iter()
                .map(|count| count.load(Ordering::Relaxed)),
        );
        let mut sum = f64::from_bits(self.totals.sum.load(Ordering::Relaxed));
        if let Some(pending) = &*pending {
            let mut add = |bucket: usize, count| counts[bucket] += count;
            if !pending.discard {
                sum += self.shards.peek_cold(&pending.cold, &mut add);
            }
            sum += self.shards.peek_hot(add);
        }
        sum
    }

    /// Empties the histogram and returns how many records it had, including those in progress.
    ///
    /// The flip is the moment of the reset. Records that claimed their slot before it are discarded
    /// even if they complete later.
    pub(super) fn reset(&self, limits: SpinLimits) -> Result<u64, HistogramBusy> {
        let mut pending = self.lock();
        if !self.collect_pending(&mut pending, limits) {
            return Err(HistogramBusy);
        }
        let cold = self.shards.flip();
        let count = self.totals.clear() + cold.claimed();
        *pending = Some(PendingShard {
            cold,
            discard: true,
        });
        self.collect_pending(&mut pending, limits);
        Ok(count)
    }

    /// Empties the pending shard if it is complete in time; returns false if it is not.
    fn collect_pending(&self, slot: &mut Option<PendingShard>, limits: SpinLimits) -> bool {
        let Some(pending) = slot.take() else {
            return true;
        };
        let mut checks = 0;
        while !self.shards.is_complete(&pending.cold) {
            if checks < limits.spins {
                std::hint::spin_loop();
            } else if checks - limits.spins < limits.yields {
                std::thread::yield_now();
            } else {
                *slot = Some(pending);
                return false;
            }
            checks += 1;
        }
        if pending.discard {
            self.shards.take(&pending.cold, |_, _| {});
        } else {
            let counts = &self.totals.counts;
            let sum = self.shards.take(&pending.cold, |bucket, count| {
                counts[bucket].fetch_add(count, Ordering::Relaxed);
            });
            add_f64(&self.totals.sum, sum);
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, Option<PendingShard>> {
        lock(&self.pending)
    }

    fn record_samples(&self, value: f64, count: u64) {
        // Negated so that NaN is in the last bucket.
        #[allow(clippy::neg_cmp_op_on_partial_ord)]
        let bucket = self.bounds.partition_point(|bound| !(value <= *bound));
        let sum = if value.is_nan() {
            self.nan_samples.add(count);
            0.0
        } else {
            value * count as f64
        };
        self.shards.record(bucket, sum, count);
        self.activity.mark_updated();
    }
}

impl HistogramFn for HistogramCell {
    fn record(&self, value: f64) {
        self.record_samples(value, 1);
    }

    fn record_many(&self, value: f64, count: usize) {
        // Claims are counted in 63 bits between two collections; one call must not exhaust them.
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
        HistogramCell::new(Arc::from([1.0, 2.0]), Arc::default())
    }

    fn snapshot(histogram: &HistogramCell) -> (Vec<u64>, f64) {
        let mut counts = Vec::new();
        let sum = histogram.snapshot(&mut counts);
        (counts, sum)
    }

    #[test]
    fn bounds_are_inclusive() {
        let histogram = histogram();
        for value in [1.0, 1.5, 2.0, 2.5, f64::NEG_INFINITY] {
            histogram.record(value);
        }
        assert_eq!(snapshot(&histogram).0, [2, 2, 1]);
    }

    #[test]
    fn nan_is_counted_but_not_summed() {
        let histogram = histogram();
        histogram.record(1.5);
        histogram.record_many(f64::NAN, 3);
        assert_eq!(snapshot(&histogram), (vec![0, 1, 3], 1.5));
        assert_eq!(histogram.nan_samples.count(), Some(3));
        assert_eq!(histogram.reset(SpinLimits::RESET), Ok(4));
        assert_eq!(snapshot(&histogram), (vec![0, 0, 0], 0.0));
    }

    #[test]
    fn record_many_counts_every_sample() {
        let histogram = histogram();
        histogram.record_many(0.5, 4);
        histogram.record_many(0.5, 0);
        assert_eq!(snapshot(&histogram), (vec![4, 0, 0], 2.0));
    }

    #[test]
    fn repeated_snapshots_accumulate() {
        let histogram = histogram();
        for round in 1..=5 {
            histogram.record(1.5);
            assert_eq!(
                snapshot(&histogram),
                (vec![0, round, 0], 1.5 * round as f64)
            );
        }
    }

    /// The scheduler can suspend a thread between the two steps of a record.
    #[test]
    fn suspended_records_do_not_block_scrapes() {
        let histogram = histogram();
        histogram.record(0.5);
        let suspended = histogram.shards.claim_only();
        assert_eq!(snapshot(&histogram).0, [1, 0, 0]);
        histogram.record(1.5);
        assert_eq!(snapshot(&histogram).0, [1, 1, 0]);
        assert_eq!(histogram.reset(SpinLimits::SCRAPE), Err(HistogramBusy));
        histogram.shards.complete(suspended, 2);
        assert_eq!(snapshot(&histogram).0, [1, 1, 1]);

        let suspended = histogram.shards.claim_only();
        assert_eq!(histogram.reset(SpinLimits::SCRAPE), Ok(4));
        histogram.record(1.5);
        assert_eq!(snapshot(&histogram).0, [0, 1, 0]);
        histogram.shards.complete(suspended, 2);
        assert_eq!(snapshot(&histogram).0, [0, 1, 0]);
        assert_eq!(histogram.reset(SpinLimits::SCRAPE), Ok(1));
    }
}
