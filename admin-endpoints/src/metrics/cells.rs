//! Counters and gauges: one atomic word each, reset in place.

use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{CounterFn, GaugeFn};

use super::idle::Activity;

/// A value that can be listed as a series.
pub(super) trait Cell: Send + Sync + 'static {
    /// When the series was last updated.
    fn activity(&self) -> &Activity;
}

/// A counter. The moment of its reset is one `swap`.
#[derive(Debug)]
pub(super) struct CounterCell {
    value: AtomicU64,
    activity: Activity,
}

/// A gauge: an `f64` stored as bits. The moment of its reset is one `swap`.
#[derive(Debug)]
pub(super) struct GaugeCell {
    bits: AtomicU64,
    activity: Activity,
}

impl CounterCell {
    pub(super) fn new() -> Self {
        Self {
            value: AtomicU64::new(0),
            activity: Activity::new(),
        }
    }

    pub(super) fn get(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }

    /// Sets the counter to zero and returns its previous value.
    pub(super) fn reset(&self) -> u64 {
        self.value.swap(0, Ordering::Relaxed)
    }
}

impl GaugeCell {
    pub(super) fn new() -> Self {
        Self {
            bits: AtomicU64::new(0),
            activity: Activity::new(),
        }
    }

    pub(super) fn get(&self) -> f64 {
        f64::from_bits(self.bits.load(Ordering::Relaxed))
    }

    /// Sets the gauge to zero and returns its previous value.
    pub(super) fn reset(&self) -> f64 {
        f64::from_bits(self.bits.swap(0, Ordering::Relaxed))
    }
}

impl CounterFn for CounterCell {
    #[inline]
    fn increment(&self, value: u64) {
        self.value.fetch_add(value, Ordering::Relaxed);
        self.activity.mark_updated();
    }

    #[inline]
    fn absolute(&self, value: u64) {
        self.value.fetch_max(value, Ordering::Relaxed);
        self.activity.mark_updated();
    }
}

impl GaugeFn for GaugeCell {
    #[inline]
    fn increment(&self, value: f64) {
        super::shards::add_f64(&self.bits, value);
        self.activity.mark_updated();
    }

    #[inline]
    fn decrement(&self, value: f64) {
        self.increment(-value);
    }

    #[inline]
    fn set(&self, value: f64) {
        self.bits.store(value.to_bits(), Ordering::Relaxed);
        self.activity.mark_updated();
    }
}

impl Cell for CounterCell {
    fn activity(&self) -> &Activity {
        &self.activity
    }
}

impl Cell for GaugeCell {
    fn activity(&self) -> &Activity {
        &self.activity
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_is_a_maximum_and_survives_resets() {
        let counter = CounterCell::new();
        counter.absolute(7);
        counter.absolute(5);
        assert_eq!(counter.reset(), 7);
        assert_eq!(counter.get(), 0);
        counter.absolute(5);
        assert_eq!(counter.get(), 5);
    }

    #[test]
    fn decrement_after_reset_makes_gauge_negative() {
        let gauge = GaugeCell::new();
        gauge.increment(1.0);
        assert_eq!(gauge.reset(), 1.0);
        gauge.decrement(1.0);
        assert_eq!(gauge.get(), -1.0);
    }
}
