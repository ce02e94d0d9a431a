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
/// A writer that looks its key up in between finds the cell again in the family, by its labels: nothing it records
/// is lost, whichever of the two comes first.
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
