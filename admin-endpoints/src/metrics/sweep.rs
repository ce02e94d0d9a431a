//! Removes series that are idle and that no handle refers to.

use std::sync::Arc;

use metrics::Key;
use metrics_util::MetricKind;
use metrics_util::registry::Registry;

use super::catalog::Catalog;
use super::cells::Cell;
use super::distribution::DistributionCell;
use super::family::FamilySeries;
use super::idle::IdlePolicy;
use super::registry_key::RegistryKey;

/// The registry's map and the family's block; every further reference to a cell is a handle.
const INTERNAL_REFERENCES: usize = 2;

/// Keys of one kind that a sweep removes from the registry, which bounds its memory.
const MAX_SWEPT_KEYS: usize = 4096;

/// Removes the keys of idle series from the registry, then the series that have no handle from their
/// families. Returns false if there were more keys than one sweep removes.
///
/// A writer that registers a key in between finds the cell in its family, so that no record is lost.
pub(super) fn remove_idle(
    registry: &Registry<RegistryKey, Arc<Catalog>>,
    catalog: &Arc<Catalog>,
    policy: &IdlePolicy,
    now: u32,
) -> bool {
    let mut keys = IdleKeys::default();
    if let Some(limit) = policy.limit(MetricKind::Counter) {
        registry.visit_counters(|key, cell| keys.add(key.key(), is_unused(cell, now, limit)));
        keys.remove(catalog, |key| registry.delete_counter(RegistryKey::of(key)));
    }
    if let Some(limit) = policy.limit(MetricKind::Gauge) {
        registry.visit_gauges(|key, cell| keys.add(key.key(), is_unused(cell, now, limit)));
        keys.remove(catalog, |key| registry.delete_gauge(RegistryKey::of(key)));
    }
    if let Some(limit) = policy.limit(MetricKind::Histogram) {
        registry.visit_histograms(|key, cell| {
            let is_unused = match cell {
                DistributionCell::Histogram(cell) => is_unused(cell, now, limit),
                DistributionCell::Summary(cell) => is_unused(cell, now, limit),
                DistributionCell::Noop => false,
            };
            keys.add(key.key(), is_unused);
        });
        keys.remove(catalog, |key| {
            registry.delete_histogram(RegistryKey::of(key))
        });
    }
    for (_, family) in catalog.snapshot().families() {
        let (kind, remove): (_, &dyn Fn(u32)) = match &family.series {
            FamilySeries::Counters(series) => (MetricKind::Counter, &|limit| {
                series.remove_idle(|cell| cell.activity().is_idle(now, limit));
            }),
            FamilySeries::Gauges(series) => (MetricKind::Gauge, &|limit| {
                series.remove_idle(|cell| cell.activity().is_idle(now, limit));
            }),
            FamilySeries::Histograms(_, series) => (MetricKind::Histogram, &|limit| {
                series.remove_idle(|cell| cell.activity().is_idle(now, limit));
            }),
            FamilySeries::Summaries(_, series) => (MetricKind::Histogram, &|limit| {
                series.remove_idle(|cell| cell.activity().is_idle(now, limit));
            }),
        };
        if let Some(limit) = policy.limit(kind) {
            remove(limit);
        }
    }
    !keys.is_truncated
}

fn is_unused<C: Cell>(cell: &Arc<C>, now: u32, limit: u32) -> bool {
    Arc::strong_count(cell) <= INTERNAL_REFERENCES && cell.activity().is_idle(now, limit)
}

/// Keys to remove once the registry's lock is released.
#[derive(Default)]
struct IdleKeys {
    keys: Vec<Key>,
    is_truncated: bool,
}

impl IdleKeys {
    fn add(&mut self, key: &Key, is_unused: bool) {
        if !is_unused {
            return;
        }
        if self.keys.len() < MAX_SWEPT_KEYS {
            self.keys.push(key.clone());
        } else {
            self.is_truncated = true;
        }
    }

    fn remove(&mut self, catalog: &Catalog, delete: impl Fn(&Key) -> bool) {
        for key in self.keys.drain(..).filter(|key| delete(key)) {
            drop(key);
            catalog.remove_key();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use metrics::{Counter, Label, Level, Metadata, Recorder as _};
    use metrics_util::MetricKindMask;

    use super::super::Recorder;
    use super::*;

    fn counter(recorder: &Recorder, label: &'static str) -> Counter {
        let key = Key::from_parts("hits", vec![Label::new("tier", label)]);
        recorder.register_counter(&key, &Metadata::new("test", Level::INFO, None))
    }

    fn shown(recorder: &Recorder) -> Vec<String> {
        recorder
            .render()
            .lines()
            .filter(|line| line.starts_with("hits"))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn idle_series_without_handles_are_removed() {
        let (clock, time) = quanta::Clock::mock();
        let timeout = Some(Duration::from_secs(60));
        let builder = Recorder::builder().idle_timeout(MetricKindMask::COUNTER, timeout);
        let recorder = builder.clock(clock).build().unwrap();
        let held = counter(&recorder, "held");
        held.increment(3);
        counter(&recorder, "dropped").increment(5);
        assert_eq!(shown(&recorder).len(), 2);

        time.increment(Duration::from_secs(60));
        assert!(shown(&recorder).is_empty());
        assert!(!recorder.render().contains("# TYPE hits_total"));
        time.increment(Duration::from_secs(60));
        assert!(shown(&recorder).is_empty());
        assert_eq!(recorder.catalog().keys(), 1);

        held.increment(1);
        counter(&recorder, "dropped").increment(1);
        let lines = [
            r#"hits_total{tier="dropped"} 1"#,
            r#"hits_total{tier="held"} 4"#,
        ];
        assert_eq!(shown(&recorder), lines);
    }

    #[test]
    fn removed_key_finds_cell_with_a_handle() {
        let (clock, time) = quanta::Clock::mock();
        let timeout = Some(Duration::from_secs(10));
        let builder = Recorder::builder().idle_timeout(MetricKindMask::ALL, timeout);
        let recorder = builder.clock(clock).build().unwrap();
        let held = counter(&recorder, "x");
        shown(&recorder);
        time.increment(Duration::from_secs(10));
        shown(&recorder);
        // As if a writer had registered its handle between the two steps of the sweep.
        let key = Key::from_parts("hits", vec![Label::new("tier", "x")]);
        recorder.registry().delete_counter(RegistryKey::of(&key));
        time.increment(Duration::from_secs(10));
        shown(&recorder);
        held.increment(1);
        counter(&recorder, "x").increment(1);
        assert_eq!(shown(&recorder), [r#"hits_total{tier="x"} 2"#]);
    }
}
