//! NaN samples of histograms and summaries.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counts the NaN samples of one family.
///
/// A NaN would make a sum NaN and has no rank among the quantiles, so it is counted in `_count` (and
/// the bucket +Inf), left out of `_sum` and the quantiles, and reported separately.
#[derive(Debug, Default)]
pub(super) struct NanSamples {
    count: AtomicU64,
    /// There has been one, so that the count is shown even after a reset.
    is_shown: AtomicBool,
}

impl NanSamples {
    #[cold]
    pub(super) fn add(&self, samples: u64) {
        self.count.fetch_add(samples, Ordering::Relaxed);
        self.is_shown.store(true, Ordering::Relaxed);
    }

    /// The samples since the last reset; `None` if there has never been one.
    pub(super) fn count(&self) -> Option<u64> {
        let count = self.count.load(Ordering::Relaxed);
        self.is_shown.load(Ordering::Relaxed).then_some(count)
    }

    pub(super) fn reset(&self) {
        self.count.store(0, Ordering::Relaxed);
    }
}
