//! A summary: samples are buffered in lock-striped lists until a scrape, or a long list, adds them
//! to rolling sketches.

use std::mem;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, TryLockError};
use std::time::Duration;

use metrics::HistogramFn;
use metrics_exporter_prometheus::Distribution;
use metrics_util::Quantile;
use quanta::Instant;

use super::cells::Cell;
use super::idle::Activity;
use super::nan::NanSamples;
use crate::sync::lock;

/// Lists that writers are distributed over.
const STRIPE_COUNT: usize = 4;
/// Length of a list at which its writer tries to drain it.
const DRAIN_THRESHOLD_SAMPLES: usize = 1024;
/// Length of a list at which its writer waits for the lock to drain it.
const BLOCKING_DRAIN_THRESHOLD_SAMPLES: usize = 16 * DRAIN_THRESHOLD_SAMPLES;

/// The quantiles of a recorder's summaries and the time that they cover.
#[derive(Clone, Debug)]
pub(super) struct SummarySpec {
    pub(super) quantiles: Arc<Vec<Quantile>>,
    /// Length of one of the rolling windows.
    pub(super) window: Duration,
    /// Number of windows that quantiles are computed over.
    pub(super) windows: NonZeroU32,
}

/// One summary series.
#[derive(Debug)]
pub(super) struct SummaryCell {
    spec: SummarySpec,
    stripes: [Mutex<Vec<(f64, Instant)>>; STRIPE_COUNT],
    /// Locked before a stripe, never after one.
    distribution: Mutex<Distribution>,
    /// NaN samples of this series: counted, but in no sketch.
    nan_count: AtomicU64,
    /// NaN samples of the family.
    nan_samples: Arc<NanSamples>,
    activity: Activity,
}

/// Sum and count of the samples since the last reset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SummaryTotals {
    pub(super) sum: f64,
    pub(super) count: u64,
}

impl SummarySpec {
    fn distribution(&self) -> Distribution {
        Distribution::new_summary(Arc::clone(&self.quantiles), self.window, self.windows)
    }
}

impl SummaryCell {
    pub(super) fn new(spec: SummarySpec, nan_samples: Arc<NanSamples>) -> Self {
        let distribution = Mutex::new(spec.distribution());
        Self {
            spec,
            stripes: Default::default(),
            distribution,
            nan_count: AtomicU64::new(0),
            nan_samples,
            activity: Activity::new(),
        }
    }

    /// Writes one value per quantile to `values`, NaN if the windows are empty, and returns the
    /// totals since the last reset.
    pub(super) fn snapshot(&self, values: &mut Vec<f64>) -> SummaryTotals {
        let mut distribution = lock(&self.distribution);
        self.drain(&mut distribution);
        values.clear();
        let Distribution::Summary(rolling, quantiles, sum) = &*distribution else {
            return SummaryTotals { sum: 0.0, count: 0 };
        };
        let sketch = rolling.snapshot(Instant::now());
        values.extend(
            quantiles
                .iter()
                .map(|q| sketch.quantile(q.value()).unwrap_or(f64::NAN)),
        );
        SummaryTotals {
            sum: *sum,
            count: rolling.count() as u64 + self.nan_count.load(Ordering::Relaxed),
        }
    }

    /// Empties the summary and returns how many samples it had. Each sample is counted either
    /// before the reset or after it.
    pub(super) fn reset(&self) -> u64 {
        let mut distribution = lock(&self.distribution);
        let buffered: usize = self
            .stripes
            .iter()
            .map(|stripe| mem::take(&mut *lock(stripe)).len())
            .sum();
        let old = mem::replace(&mut *distribution, self.spec.distribution());
        let collected = match &old {
            Distribution::Summary(rolling, ..) => rolling.count(),
            _ => 0,
        };
        (buffered + collected) as u64 + self.nan_count.swap(0, Ordering::Relaxed)
    }

    /// Adds the buffered samples to the sketches in order of time, because the windows discard
    /// samples that are too old.
    fn drain(&self, distribution: &mut Distribution) {
        let mut samples: Vec<(f64, Instant)> = Vec::new();
        for stripe in &self.stripes {
            samples.append(&mut mem::take(&mut *lock(stripe)));
        }
        samples.sort_by_key(|(_, at)| *at);
        distribution.record_samples(&samples);
    }

    /// One NaN in a sketch would change every quantile.
    fn count_nan(&self, samples: u64) {
        self.nan_count.fetch_add(samples, Ordering::Relaxed);
        self.nan_samples.add(samples);
        self.activity.mark_updated();
    }

    fn push(&self, samples: impl Iterator<Item = (f64, Instant)>) {
        let stripe = &self.stripes[current_thread_stripe()];
        let buffered = {
            let mut list = lock(stripe);
            list.extend(samples);
            list.len()
        };
        self.activity.mark_updated();
        if buffered >= DRAIN_THRESHOLD_SAMPLES {
            let distribution = match self.distribution.try_lock() {
                Ok(distribution) => Some(distribution),
                Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
                // A scrape holds the lock and will drain this list.
                Err(TryLockError::WouldBlock) if buffered < BLOCKING_DRAIN_THRESHOLD_SAMPLES => {
                    None
                }
                Err(TryLockError::WouldBlock) => Some(lock(&self.distribution)),
            };
            if let Some(mut distribution) = distribution {
                self.drain(&mut distribution);
            }
        }
    }
}

/// Threads are assigned to stripes in the order in which they first record.
fn current_thread_stripe() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static STRIPE: usize = NEXT.fetch_add(1, Ordering::Relaxed) % STRIPE_COUNT;
    }
    // An exiting thread has no thread-local storage.
    STRIPE.try_with(|stripe| *stripe).unwrap_or(0)
}

impl HistogramFn for SummaryCell {
    fn record(&self, value: f64) {
        if value.is_nan() {
            return self.count_nan(1);
        }
        self.push(std::iter::once((value, Instant::now())));
    }

    fn record_many(&self, value: f64, count: usize) {
        if value.is_nan() {
            return self.count_nan(count as u64);
        }
        let now = Instant::now();
        let mut left = count;
        while left > 0 {
            let batch = left.min(DRAIN_THRESHOLD_SAMPLES);
            self.push(std::iter::repeat_n((value, now), batch));
            left -= batch;
        }
    }
}

impl Cell for SummaryCell {
    fn activity(&self) -> &Activity {
        &self.activity
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> SummaryCell {
        let spec = SummarySpec {
            quantiles: Arc::new(vec![Quantile::new(0.5)]),
            window: Duration::from_secs(20),
            windows: NonZeroU32::MIN,
        };
        SummaryCell::new(spec, Arc::default())
    }

    #[test]
    fn buffered_and_drained_samples_are_counted() {
        let summary = summary();
        let mut values = Vec::new();
        summary.record_many(2.0, 3 * DRAIN_THRESHOLD_SAMPLES + 7);
        let totals = summary.snapshot(&mut values);
        assert_eq!(
            totals,
            SummaryTotals {
                sum: 2.0 * (3 * DRAIN_THRESHOLD_SAMPLES + 7) as f64,
                count: (3 * DRAIN_THRESHOLD_SAMPLES + 7) as u64
            }
        );
        assert!((values[0] - 2.0).abs() < 0.001);
        summary.record(2.0);
        assert_eq!(summary.reset(), (3 * DRAIN_THRESHOLD_SAMPLES + 8) as u64);
        assert_eq!(
            summary.snapshot(&mut values),
            SummaryTotals { sum: 0.0, count: 0 }
        );
        assert!(values[0].is_nan());
    }

    #[test]
    fn quantiles_include_samples_of_all_threads() {
        let summary = summary();
        for value in 1..=2 * STRIPE_COUNT {
            std::thread::scope(|scope| {
                scope.spawn(|| summary.record_many(value as f64, 100));
            });
        }
        let mut values = Vec::new();
        summary.snapshot(&mut values);
        assert!((values[0] - STRIPE_COUNT as f64).abs() < 1.0, "{values:?}");
    }

    #[test]
    fn infinity_is_counted_but_not_ranked() {
        let summary = summary();
        for value in [f64::INFINITY, 0.5, 7.0, 7.0, 7.0, 100.0] {
            summary.record(value);
        }
        let mut values = Vec::new();
        let totals = summary.snapshot(&mut values);
        assert_eq!((totals.count, totals.sum), (6, f64::INFINITY));
        assert!((values[0] - 7.0).abs() < 0.01, "{values:?}");
    }

    #[test]
    fn extreme_values_are_counted() {
        let summary = summary();
        for value in [f64::NEG_INFINITY, 5e-324, 1e300, -1e300] {
            summary.record(value);
        }
        assert_eq!(summary.snapshot(&mut Vec::new()).count, 4);
    }

    #[test]
    fn nan_is_counted_but_not_ranked() {
        let summary = summary();
        for value in 1..=99 {
            summary.record(f64::from(value));
        }
        summary.record(f64::NAN);
        summary.record_many(f64::NAN, 2);
        let mut values = Vec::new();
        let totals = summary.snapshot(&mut values);
        assert_eq!((totals.count, totals.sum), (102, 4950.0));
        assert!((values[0] - 50.0).abs() < 1.0, "{values:?}");
        assert_eq!(summary.nan_samples.count(), Some(3));
        assert_eq!(summary.reset(), 102);
        assert_eq!(summary.snapshot(&mut values).count, 0);
    }
}
