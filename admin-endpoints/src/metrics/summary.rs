//! A summary: samples wait in lock-striped lists until a scrape, or a full list, adds them to
//! rolling sketches.

use std::mem;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use metrics::HistogramFn;
use metrics_exporter_prometheus::Distribution;
use metrics_util::Quantile;
use quanta::Instant;

use super::cells::Cell;
use super::idle::Activity;

/// Lists that writers spread over.
const STRIPES: usize = 4;
/// Samples of a list at which its writer tries to empty it.
const FULL: usize = 1024;
/// Samples of a list at which its writer waits for its turn to empty it.
const OVERFULL: usize = 16 * FULL;

/// What the summaries of a recorder show and over which time.
#[derive(Clone, Debug)]
pub(crate) struct SummarySpec {
    /// The quantiles that are shown.
    pub(crate) quantiles: Arc<Vec<Quantile>>,
    /// The length of one of the windows that roll.
    pub(crate) window: Duration,
    /// How many windows are looked at.
    pub(crate) windows: NonZeroU32,
}

/// A summary's series.
#[derive(Debug)]
pub(crate) struct SummaryCell {
    spec: SummarySpec,
    stripes: [Mutex<Vec<(f64, Instant)>>; STRIPES],
    /// Taken before a stripe, never after one.
    distribution: Mutex<Distribution>,
    activity: Activity,
}

/// What a scrape shows of a summary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Total {
    pub(crate) sum: f64,
    pub(crate) count: u64,
}

impl SummarySpec {
    fn distribution(&self) -> Distribution {
        Distribution::new_summary(self.quantiles.clone(), self.window, self.windows)
    }
}

impl SummaryCell {
    pub(crate) fn new(spec: SummarySpec) -> Self {
        let distribution = Mutex::new(spec.distribution());
        Self {
            spec,
            stripes: Default::default(),
            distribution,
            activity: Activity::new(),
        }
    }

    /// Writes one value per quantile to `values`, NaN where the windows have no sample, and returns
    /// the totals since the last reset.
    pub(crate) fn snapshot(&self, values: &mut Vec<f64>) -> Total {
        let mut distribution = self
            .distribution
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.drain(&mut distribution);
        values.clear();
        let Distribution::Summary(rolling, quantiles, sum) = &*distribution else {
            return Total { sum: 0.0, count: 0 };
        };
        let sketch = rolling.snapshot(Instant::now());
        values.extend(
            quantiles
                .iter()
                .map(|q| sketch.quantile(q.value()).unwrap_or(f64::NAN)),
        );
        Total {
            sum: *sum,
            count: rolling.count() as u64,
        }
    }

    /// Empties the summary; returns how many samples it had. A sample lands wholly before the reset
    /// or after it.
    pub(crate) fn reset(&self) -> u64 {
        let mut distribution = self
            .distribution
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let waiting: usize = self
            .stripes
            .iter()
            .map(|stripe| mem::take(&mut *lock(stripe)).len())
            .sum();
        let old = mem::replace(&mut *distribution, self.spec.distribution());
        let collected = match &old {
            Distribution::Summary(rolling, ..) => rolling.count(),
            _ => 0,
        };
        (waiting + collected) as u64
    }

    /// Adds what waits in the lists to the sketches, in the order of time: the windows forget what
    /// comes late.
    fn drain(&self, distribution: &mut Distribution) {
        let mut samples: Vec<(f64, Instant)> = Vec::new();
        for stripe in &self.stripes {
            samples.append(&mut mem::take(&mut *lock(stripe)));
        }
        samples.sort_by_key(|(_, at)| *at);
        distribution.record_samples(&samples);
    }

    fn push(&self, samples: impl Iterator<Item = (f64, Instant)>) {
        let stripe = &self.stripes[stripe_of_this_thread()];
        let waiting = {
            let mut list = lock(stripe);
            list.extend(samples);
            list.len()
        };
        self.activity.touch();
        if waiting >= FULL {
            let distribution = match self.distribution.try_lock() {
                Ok(distribution) => Some(distribution),
                Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
                // A scrape is at it and will come to this list.
                Err(TryLockError::WouldBlock) if waiting < OVERFULL => None,
                Err(TryLockError::WouldBlock) => Some(
                    self.distribution
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner),
                ),
            };
            if let Some(mut distribution) = distribution {
                self.drain(&mut distribution);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Threads are dealt out over the stripes in the order in which they first record.
fn stripe_of_this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static STRIPE: usize = NEXT.fetch_add(1, Ordering::Relaxed) % STRIPES;
    }
    STRIPE.try_with(|stripe| *stripe).unwrap_or(0) // a thread that is ending has none left
}

impl HistogramFn for SummaryCell {
    fn record(&self, value: f64) {
        self.push(std::iter::once((value, Instant::now())));
    }

    fn record_many(&self, value: f64, count: usize) {
        let now = Instant::now();
        let mut left = count;
        while left > 0 {
            let some = left.min(FULL);
            self.push(std::iter::repeat_n((value, now), some));
            left -= some;
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
        SummaryCell::new(SummarySpec {
            quantiles: Arc::new(vec![Quantile::new(0.5)]),
            window: Duration::from_secs(20),
            windows: NonZeroU32::MIN,
        })
    }

    #[test]
    fn counts_everything_whether_it_waits_or_was_collected() {
        let summary = summary();
        let mut values = Vec::new();
        summary.record_many(2.0, 3 * FULL + 7);
        let total = summary.snapshot(&mut values);
        assert_eq!(
            total,
            Total {
                sum: 2.0 * (3 * FULL + 7) as f64,
                count: (3 * FULL + 7) as u64
            }
        );
        assert!((values[0] - 2.0).abs() < 0.001);
        summary.record(2.0);
        assert_eq!(summary.reset(), (3 * FULL + 8) as u64);
        assert_eq!(summary.snapshot(&mut values), Total { sum: 0.0, count: 0 });
        assert!(values[0].is_nan());
    }

    #[test]
    fn samples_of_all_threads_count_in_the_quantiles() {
        let summary = summary();
        for value in 1..=2 * STRIPES {
            std::thread::scope(|scope| {
                scope.spawn(|| summary.record_many(value as f64, 100));
            });
        }
        let mut values = Vec::new();
        summary.snapshot(&mut values);
        assert!((values[0] - STRIPES as f64).abs() < 1.0, "{values:?}");
    }

    #[test]
    fn odd_numbers_neither_panic_nor_get_lost() {
        let summary = summary();
        for value in [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            5e-324,
            1e300,
            -1e300,
        ] {
            summary.record(value);
        }
        let total = summary.snapshot(&mut Vec::new());
        assert_eq!(total.count, 6);
        assert!(total.sum.is_nan());
    }
}
