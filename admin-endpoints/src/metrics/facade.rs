//! The implementation of the `metrics` facade.

use std::sync::Arc;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};
use metrics_util::MetricKind;

use super::recorder::Recorder;
use super::registry_key::RegistryKey;

/// A lookup of a registered metric takes a shared lock of one of several maps; registration takes it
/// exclusively for about a microsecond. A metric beyond the series limit gets a handle that records
/// nothing.
impl metrics::Recorder for Recorder {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.catalog()
            .describe(MetricKind::Counter, name.as_str(), unit, &help);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.catalog()
            .describe(MetricKind::Gauge, name.as_str(), unit, &help);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.catalog()
            .describe(MetricKind::Histogram, name.as_str(), unit, &help);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let key = RegistryKey::of(key);
        if self.is_full() && self.registry().get_counter(key).is_none() {
            self.reject_series();
            return Counter::noop();
        }
        self.registry()
            .get_or_create_counter(key, |cell| Counter::from_arc(Arc::clone(cell)))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        let key = RegistryKey::of(key);
        if self.is_full() && self.registry().get_gauge(key).is_none() {
            self.reject_series();
            return Gauge::noop();
        }
        self.registry()
            .get_or_create_gauge(key, |cell| Gauge::from_arc(Arc::clone(cell)))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let key = RegistryKey::of(key);
        if self.is_full() && self.registry().get_histogram(key).is_none() {
            self.reject_series();
            return Histogram::noop();
        }
        self.registry()
            .get_or_create_histogram(key, |cell| cell.handle())
    }
}
