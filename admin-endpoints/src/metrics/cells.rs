//! The values behind counters and gauges: one atomic word each, zeroed in place.

use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{CounterFn, GaugeFn};

use super::idle::Activity;

/// What every kind of series can do for the arena that lists it.
pub(crate) trait Cell: Send + Sync + 'static {
    /// When the series was last written to.
    fn activity(&self) -> &Activity;
}

/// A counter. The moment of its reset is one `swap`.
#[derive(Debug)]
pub(crate) struct CounterCell {
    value: AtomicU64,
    activity: Activity,
}

/// A gauge, an `f64` kept as bits. The moment of its reset is one `swap`.
#[derive(Debug)]
pub(crate) struct GaugeCell {
    bits: AtomicU64,
    activity: Activity,
}

impl CounterCell {
    pub(crate) fn new() -> Self {
        Self {
            value: AtomicU64::new(0),
            activity: Activity::new(),
        }
    }

    pub(crate) fn get(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }

    /// Zeroes the counter and returns what it had counted.
    pub(crate) fn reset(&self) -> u64 {
        self.value.swap(0, Ordering::Relaxed)
    }
}

impl GaugeCell {
    pub(crate) fn new() -> Self {
        Self {
            bits: AtomicU64::new(0),
            activity: Activity::new(),
        }
    }

    pub(crate) fn get(&self) -> f64 {
        f64::from_bits(self.bits.load(Ordering::Relaxed))
    }

    /// Zeroes the gauge and returns what it showed.
    pub(crate) fn reset(&self) -> f64 {
        f64::from_bits(self.bits.swap(0, Ordering::Relaxed))
    }
}

impl CounterFn for CounterCell {
    #[inline]
    fn increment(&self, value: u64) {
        self.value.fetch_add(value, Ordering::Relaxed);
        self.activity.touch();
    }

    #[inline]
    fn absolute(&self, value: u64) {
        self.value.fetch_max(value, Ordering::Relaxed);
        self.activity.touch();
    }
}

impl GaugeFn for GaugeCell {
    #[inline]
    fn increment(&self, value: f64) {
        super::shards::add_f64(&self.bits, value);
        self.activity.touch();
    }

    #[inline]
    fn decrement(&self, value: f64) {
        self.increment(-value);
    }

    #[inline]
    fn set(&self, value: f64) {
        self.bits.store(value.to_bits(), Ordering::Relaxed);
        self.activity.touch();
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
    fn absolute_is_a_maximum_and_comes_back_after_a_reset() {
        let counter = CounterCell::new();
        counter.absolute(7);
        counter.absolute(5);
        assert_eq!(counter.reset(), 7);
        assert_eq!(counter.get(), 0);
        counter.absolute(5);
        assert_eq!(counter.get(), 5);
    }

    #[test]
    fn a_pair_around_a_reset_drives_a_gauge_negative() {
        let gauge = GaugeCell::new();
        gauge.increment(1.0);
        assert_eq!(gauge.reset(), 1.0);
        gauge.decrement(1.0);
        assert_eq!(gauge.get(), -1.0);
    }
}
