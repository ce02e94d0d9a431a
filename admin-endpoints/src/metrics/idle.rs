//! When a series was last updated: a flag that writers set and scrapes read and clear.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use metrics_util::{MetricKind, MetricKindMask};

/// When a series was last updated, with the resolution of scrapes.
#[derive(Debug)]
pub(super) struct Activity {
    updated: AtomicBool,
    /// The last scrape that found it updated, in seconds since the recorder was created.
    last_seen: AtomicU32,
}

impl Activity {
    /// A new series counts as updated.
    pub(super) fn new() -> Self {
        Self {
            updated: AtomicBool::new(true),
            last_seen: AtomicU32::new(0),
        }
    }

    /// Marks the series as updated. This is a plain store next to the cell that was just written.
    #[inline]
    pub(super) fn mark_updated(&self) {
        self.updated.store(true, Ordering::Relaxed);
    }

    /// Whether the series has not been updated for `limit` seconds, according to earlier scrapes.
    pub(super) fn is_idle(&self, now: u32, limit: u32) -> bool {
        !self.updated.load(Ordering::Relaxed)
            && now.saturating_sub(self.last_seen.load(Ordering::Relaxed)) >= limit
    }

    /// Whether the series was updated less than `limit` seconds before `now`; clears the flag.
    pub(super) fn check_recent(&self, now: u32, limit: u32) -> bool {
        // A load first: most idle series stay idle, and a swap would take the cache line from other
        // cores.
        if self.updated.load(Ordering::Relaxed) && self.updated.swap(false, Ordering::Relaxed) {
            self.last_seen.store(now, Ordering::Relaxed);
            return true;
        }
        now.saturating_sub(self.last_seen.load(Ordering::Relaxed)) < limit
    }
}

/// Which kinds of series are hidden after which time without an update.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdlePolicy {
    kinds: MetricKindMask,
    limit: Option<Duration>,
}

impl IdlePolicy {
    /// Nothing is hidden.
    pub(super) const NEVER: Self = Self {
        kinds: MetricKindMask::NONE,
        limit: None,
    };

    /// Series of `kinds` are hidden after `limit`.
    pub(super) fn new(kinds: MetricKindMask, limit: Option<Duration>) -> Self {
        Self { kinds, limit }
    }

    /// The limit for one kind, in whole seconds, at least 1.
    pub(super) fn limit(&self, kind: MetricKind) -> Option<u32> {
        let limit = self.limit.filter(|_| self.kinds.matches(kind))?;
        Some(u32::try_from(limit.as_secs()).unwrap_or(u32::MAX).max(1))
    }

    /// Whether idle series are to be removed now; if so, `next` is set to one limit later.
    pub(super) fn start_sweep(&self, next: &AtomicU32, now: u32) -> bool {
        let kinds = [
            MetricKind::Counter,
            MetricKind::Gauge,
            MetricKind::Histogram,
        ];
        let Some(limit) = kinds.into_iter().find_map(|kind| self.limit(kind)) else {
            return false;
        };
        let due = next.load(Ordering::Relaxed);
        // Only one of several concurrent scrapes succeeds.
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
    fn updates_make_an_idle_series_recent() {
        let activity = Activity::new();
        assert!(activity.check_recent(100, 10));
        assert!(activity.check_recent(109, 10));
        assert!(!activity.check_recent(110, 10));
        activity.mark_updated();
        assert!(activity.check_recent(111, 10));
        assert!(activity.check_recent(120, 10));
        assert!(!activity.check_recent(121, 10));
    }

    #[test]
    fn limit_applies_to_masked_kinds_only() {
        let policy = IdlePolicy::new(MetricKindMask::GAUGE, Some(Duration::from_millis(300)));
        assert_eq!(policy.limit(MetricKind::Gauge), Some(1));
        assert_eq!(policy.limit(MetricKind::Counter), None);
        assert_eq!(IdlePolicy::NEVER.limit(MetricKind::Counter), None);
    }
}
