//! When a series was last touched: one flag that writers set, read and cleared by the scrape.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use metrics_util::{MetricKind, MetricKindMask};

/// Since when a series has been left alone, as far as scrapes can tell.
#[derive(Debug)]
pub(crate) struct Activity {
    touched: AtomicBool,
    /// Seconds after the recorder was made, at the last scrape that found it touched.
    seen: AtomicU32,
    /// Nobody holds a handle any more and the series is leaving its family.
    retired: AtomicBool,
}

impl Activity {
    /// A new series counts as touched.
    pub(crate) fn new() -> Self {
        Self {
            touched: AtomicBool::new(true),
            seen: AtomicU32::new(0),
            retired: AtomicBool::new(false),
        }
    }

    /// Notes a write. A plain store beside the cell that was just written costs next to nothing.
    #[inline]
    pub(crate) fn touch(&self) {
        self.touched.store(true, Ordering::Relaxed);
    }

    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Relaxed)
    }

    /// Whether the series has been left alone for `limit` seconds, as far as earlier scrapes could
    /// tell.
    pub(crate) fn is_idle(&self, now: u32, limit: u32) -> bool {
        !self.touched.load(Ordering::Relaxed)
            && now.saturating_sub(self.seen.load(Ordering::Relaxed)) >= limit
    }

    /// Whether the series was touched at, or less than `limit` seconds before, `now`.
    pub(crate) fn is_recent(&self, now: u32, limit: u32) -> bool {
        // A load first: most idle series stay idle, and their line need not be taken from other
        // cores.
        if self.touched.load(Ordering::Relaxed) && self.touched.swap(false, Ordering::Relaxed) {
            self.seen.store(now, Ordering::Relaxed);
            return true;
        }
        now.saturating_sub(self.seen.load(Ordering::Relaxed)) < limit
    }
}

/// Which kinds of series are hidden after which time without a write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdlePolicy {
    kinds: MetricKindMask,
    limit: Option<Duration>,
}

impl IdlePolicy {
    /// Nothing is ever hidden.
    pub(crate) const NEVER: Self = Self {
        kinds: MetricKindMask::NONE,
        limit: None,
    };

    /// Series of `kinds` are hidden after `limit`.
    pub(crate) fn new(kinds: MetricKindMask, limit: Option<Duration>) -> Self {
        Self { kinds, limit }
    }

    /// The limit for one kind in whole seconds, at least one.
    pub(crate) fn limit(&self, kind: MetricKind) -> Option<u32> {
        let limit = self.limit.filter(|_| self.kinds.matches(kind))?;
        Some(u32::try_from(limit.as_secs()).unwrap_or(u32::MAX).max(1))
    }

    /// Whether idle series should be looked for now; if so, they will be again after another limit.
    pub(crate) fn sweep_is_due(&self, next: &AtomicU32, now: u32) -> bool {
        let kinds = [
            MetricKind::Counter,
            MetricKind::Gauge,
            MetricKind::Histogram,
        ];
        let Some(limit) = kinds.into_iter().find_map(|kind| self.limit(kind)) else {
            return false;
        };
        let due = next.load(Ordering::Relaxed);
        // Of scrapes that arrive together, one does it.
        now >= due
            && next
                .compare_exchange(
                    due,
                    now.saturating_add(limit),
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                )
                .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_after_the_limit_and_back_when_touched() {
        let activity = Activity::new();
        assert!(activity.is_recent(100, 10));
        assert!(activity.is_recent(109, 10));
        assert!(!activity.is_recent(110, 10));
        activity.touch();
        assert!(activity.is_recent(111, 10));
        assert!(activity.is_recent(120, 10));
        assert!(!activity.is_recent(121, 10));
    }

    #[test]
    fn only_the_kinds_of_the_mask_have_a_limit() {
        let policy = IdlePolicy::new(MetricKindMask::GAUGE, Some(Duration::from_millis(300)));
        assert_eq!(policy.limit(MetricKind::Gauge), Some(1));
        assert_eq!(policy.limit(MetricKind::Counter), None);
        assert_eq!(IdlePolicy::NEVER.limit(MetricKind::Counter), None);
    }
}
