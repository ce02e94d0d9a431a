//! Drops series that have been idle for long and that nobody holds a handle of.

use std::sync::Arc;

use metrics::Key;
use metrics_util::MetricKind;
use metrics_util::registry::Registry;

use super::catalog::Catalog;
use super::cells::Cell;
use super::distribution::DistributionCell;
use super::family::Members;
use super::idle::IdlePolicy;

/// The registry's map and the family's arena hold a cell; whoever holds it besides has a handle.
const OURS: usize = 2;

/// Forgets the keys of idle series, then takes the series that nobody holds out of their families.
///
/// A writer that looks its key up in between finds the cell again in the family, by its labels:
/// nothing it records is lost, whichever of the two comes first.
pub(crate) fn retire_idle(
    registry: &Registry<Key, Arc<Catalog>>,
    catalog: &Catalog,
    policy: &IdlePolicy,
    now: u32,
) {
    let mut keys = Vec::new();
    if let Some(limit) = policy.limit(MetricKind::Counter) {
        registry.visit_counters(|key, cell| {
            keys.extend(is_abandoned(cell, now, limit).then(|| key.clone()));
        });
        forget(&mut keys, catalog, |key| registry.delete_counter(key));
    }
    if let Some(limit) = policy.limit(MetricKind::Gauge) {
        registry.visit_gauges(|key, cell| {
            keys.extend(is_abandoned(cell, now, limit).then(|| key.clone()));
        });
        forget(&mut keys, catalog, |key| registry.delete_gauge(key));
    }
    if let Some(limit) = policy.limit(MetricKind::Histogram) {
        registry.visit_histograms(|key, cell| {
            let abandoned = match cell {
                DistributionCell::Histogram(cell) => is_abandoned(cell, now, limit),
                DistributionCell::Summary(cell) => is_abandoned(cell, now, limit),
                DistributionCell::Nothing => false,
            };
            keys.extend(abandoned.then(|| key.clone()));
        });
        forget(&mut keys, catalog, |key| registry.delete_histogram(key));
    }
    catalog.between_merges(|| {
        for (_, family) in catalog.listing().iter() {
            let retire = |kind, retire: &dyn Fn(u32) -> usize| policy.limit(kind).map_or(0, retire);
            match &family.members {
                Members::Counters(series) => retire(MetricKind::Counter, &|limit| {
                    series.retire_idle(|cell| cell.activity().is_idle(now, limit))
                }),
                Members::Gauges(series) => retire(MetricKind::Gauge, &|limit| {
                    series.retire_idle(|cell| cell.activity().is_idle(now, limit))
                }),
                Members::Histograms(_, series) => retire(MetricKind::Histogram, &|limit| {
                    series.retire_idle(|cell| cell.activity().is_idle(now, limit))
                }),
                Members::Summaries(_, series) => retire(MetricKind::Histogram, &|limit| {
                    series.retire_idle(|cell| cell.activity().is_idle(now, limit))
                }),
            };
        }
    });
}

fn is_abandoned<C: Cell>(cell: &Arc<C>, now: u32, limit: u32) -> bool {
    Arc::strong_count(cell) <= OURS && cell.activity().is_idle(now, limit)
}

fn forget(keys: &mut Vec<Key>, catalog: &Catalog, delete: impl Fn(&Key) -> bool) {
    keys.drain(..)
        .filter(|key| delete(key))
        .for_each(|_| catalog.forget_key());
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
    fn hidden_shown_again_and_dropped_only_when_nobody_holds_it() {
        let (clock, time) = quanta::Clock::mock();
        let timeout = Some(Duration::from_secs(60));
        let builder = Recorder::builder().idle_timeout(MetricKindMask::COUNTER, timeout);
        let recorder = builder.clock(clock).build().unwrap();
        let held = counter(&recorder, "held");
        held.increment(3);
        counter(&recorder, "let_go").increment(5);
        assert_eq!(shown(&recorder).len(), 2);

        time.increment(Duration::from_secs(60));
        assert!(shown(&recorder).is_empty());
        assert!(!recorder.render().contains("# TYPE hits_total"));
        time.increment(Duration::from_secs(60));
        assert!(shown(&recorder).is_empty());
        assert_eq!(recorder.catalog().keys(), 1);

        held.increment(1);
        counter(&recorder, "let_go").increment(1);
        let lines = [
            r#"hits_total{tier="held"} 4"#,
            r#"hits_total{tier="let_go"} 1"#,
        ];
        assert_eq!(shown(&recorder), lines);
    }

    #[test]
    fn a_key_that_was_forgotten_finds_a_cell_that_somebody_holds() {
        let (clock, time) = quanta::Clock::mock();
        let timeout = Some(Duration::from_secs(10));
        let builder = Recorder::builder().idle_timeout(MetricKindMask::ALL, timeout);
        let recorder = builder.clock(clock).build().unwrap();
        let held = counter(&recorder, "x");
        shown(&recorder);
        time.increment(Duration::from_secs(10));
        shown(&recorder);
        // As if a writer had taken its handle between the two steps of the sweep.
        let key = Key::from_parts("hits", vec![Label::new("tier", "x")]);
        recorder.registry().delete_counter(&key);
        time.increment(Duration::from_secs(10));
        shown(&recorder);
        held.increment(1);
        counter(&recorder, "x").increment(1);
        assert_eq!(shown(&recorder), [r#"hits_total{tier="x"} 2"#]);
    }
}
