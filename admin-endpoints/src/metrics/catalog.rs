//! The families of one recorder: maps metrics to families and resolves name collisions.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use admin_runtime::log_queue;
use admin_runtime::text::one_line;
use metrics::{Key, SharedString, Unit};
use metrics_util::MetricKind;
use metrics_util::registry::Storage;

use super::buckets::{DistributionKind, DistributionRules};
use super::cells::{CounterCell, GaugeCell};
use super::distribution::DistributionCell;
use super::family::{Family, FamilySeries, Header, stored_labels};
use super::histogram::HistogramCell;
use super::labels::label_text;
use super::naming::{MetricType, family_name, metric_name};
use super::registry_key::RegistryKey;
use super::series::Series;
use super::summary::SummaryCell;
use crate::sync::lock;

/// All families of one recorder. Used when a series is registered or read, never when a value is
/// recorded.
#[derive(Debug)]
pub(super) struct Catalog {
    index: Mutex<FamilyIndex>,
    config: CatalogConfig,
    /// Keys in the registry.
    keys: AtomicUsize,
}

/// Settings from the builder.
#[derive(Debug)]
pub(super) struct CatalogConfig {
    /// Add units and `_total` to names.
    pub(super) recommended_naming: bool,
    pub(super) global_labels: Vec<(String, String)>,
    pub(super) distributions: DistributionRules,
}

#[derive(Debug, Default)]
struct FamilyIndex {
    /// By facade kind and sanitised name; `None` if the name is used by another family.
    by_metric: HashMap<(MetricKind, String), Option<Arc<Family>>>,
    /// By the name of every sample that a family can have.
    by_sample: HashMap<String, Arc<Family>>,
    by_name: BTreeMap<String, NamedFamily>,
    descriptions: HashMap<(MetricKind, String), Description>,
    conflicts: Vec<Conflict>,
    /// Increases with every name that is added.
    version: u64,
}

#[derive(Debug)]
struct NamedFamily {
    family: Arc<Family>,
    /// The version of the index that added the name.
    added: u64,
}

#[derive(Debug)]
struct Description {
    unit: Option<Unit>,
    help: String,
}

/// The families that existed at one moment, so that names within one scrape stay unique.
#[derive(Clone, Debug)]
pub(super) struct CatalogSnapshot {
    catalog: Arc<Catalog>,
    version: u64,
}

/// The families of a snapshot in the order of their names, looked up one at a time.
#[derive(Debug)]
pub(super) struct Families {
    snapshot: CatalogSnapshot,
    last: Option<Arc<Header>>,
}

/// A metric that is not shown because its name is used by a metric of another type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Conflict {
    /// The name of the metric.
    pub(super) name: String,
    /// The type of the metric.
    pub(super) kind: MetricType,
    /// The family that uses the name.
    pub(super) taken_by: String,
}

impl Catalog {
    pub(super) fn new(config: CatalogConfig) -> Self {
        Self {
            index: Mutex::default(),
            config,
            keys: AtomicUsize::new(0),
        }
    }

    /// Stores the unit and HELP text of a metric; only the first description of a name is used.
    ///
    /// A unit that is described after the first series renames the family, unless the new name is
    /// in use.
    pub(super) fn describe(
        &self,
        kind: MetricKind,
        raw: &str,
        unit: Option<Unit>,
        help: &SharedString,
    ) {
        let metric = (kind, metric_name(raw));
        let mut index = self.lock();
        if index.descriptions.contains_key(&metric) {
            return;
        }
        let help = help.to_string();
        if let Some(Some(family)) = index.by_metric.get(&metric) {
            let family = Arc::clone(family);
            let name = self.family_name(family.header().kind, &metric.1, unit);
            index.redescribe(&family, name, &help);
        }
        index
            .descriptions
            .insert(metric, Description { unit, help });
    }

    /// The families that exist now.
    pub(super) fn snapshot(self: &Arc<Self>) -> CatalogSnapshot {
        CatalogSnapshot {
            catalog: Arc::clone(self),
            version: self.lock().version,
        }
    }

    /// Number of keys in the registry.
    pub(super) fn keys(&self) -> usize {
        self.keys.load(Ordering::Relaxed)
    }

    /// Counts a key that was removed from the registry.
    pub(super) fn remove_key(&self) {
        self.keys.fetch_sub(1, Ordering::Relaxed);
    }

    /// Metrics that are not shown, sorted.
    pub(super) fn conflicts(&self) -> Vec<Conflict> {
        let mut conflicts = self.lock().conflicts.clone();
        conflicts.sort();
        conflicts
    }

    fn family_name(&self, kind: MetricType, base: &str, unit: Option<Unit>) -> String {
        if self.config.recommended_naming {
            family_name(kind, base, unit)
        } else {
            base.to_owned()
        }
    }

    /// The family of a metric, created if there is none, for one more key; `None` if its name is
    /// used by a metric of another type.
    fn family(&self, kind: MetricKind, raw: &str) -> Option<Arc<Family>> {
        self.keys.fetch_add(1, Ordering::Relaxed);
        let metric = (kind, metric_name(raw));
        let mut index = self.lock();
        if let Some(family) = index.by_metric.get(&metric) {
            return family.clone();
        }
        let description = index.descriptions.get(&metric);
        let unit = description.and_then(|description| description.unit);
        let help = description.map(|description| description.help.clone());
        let (kind, series) = self.empty_series(kind, &metric.1, unit);
        let header = Header {
            name: self.family_name(kind, &metric.1, unit),
            kind,
            help,
        };
        let family = index.claim(header, series);
        index.by_metric.insert(metric, family.clone());
        family
    }

    fn empty_series(
        &self,
        kind: MetricKind,
        name: &str,
        unit: Option<Unit>,
    ) -> (MetricType, FamilySeries) {
        match kind {
            MetricKind::Counter => (MetricType::Counter, FamilySeries::Counters(Series::new())),
            MetricKind::Gauge => (MetricType::Gauge, FamilySeries::Gauges(Series::new())),
            MetricKind::Histogram => {
                let in_seconds = unit == Some(Unit::Seconds);
                match self.config.distributions.kind_for(name, in_seconds) {
                    DistributionKind::Histogram(bounds) => (
                        MetricType::Histogram,
                        FamilySeries::Histograms(bounds, Series::new()),
                    ),
                    DistributionKind::Summary(spec) => (
                        MetricType::Summary,
                        FamilySeries::Summaries(spec, Series::new()),
                    ),
                }
            }
        }
    }

    /// The labels of a series as its family stores them.
    fn labels(&self, family: &Family, key: &Key) -> String {
        let kind = family.header().kind;
        let own = key.labels().map(|label| (label.key(), label.value()));
        stored_labels(kind, label_text(kind, own, &self.config.global_labels))
    }

    fn lock(&self) -> MutexGuard<'_, FamilyIndex> {
        lock(&self.index)
    }
}

impl FamilyIndex {
    /// The existing family with this header, or a new one if none of its sample names is in use.
    fn claim(&mut self, header: Header, series: FamilySeries) -> Option<Arc<Family>> {
        let taken_by = header
            .sample_names()
            .find_map(|sample| self.by_sample.get(&sample));
        if let Some(other) = taken_by.map(|family| family.header()) {
            if other.name == header.name && other.kind == header.kind {
                return self.by_sample.get(&header.name).cloned();
            }
            let (metric, kind) = (one_line(&header.name), header.kind.as_str());
            let (taken_by, taken_as) = (one_line(&other.name), other.kind.as_str());
            // The index is locked here.
            log_queue::emit(move || {
                tracing::warn!(
                    metric,
                    kind,
                    taken_by,
                    taken_as,
                    "metric is not shown on /metrics: its name is used by another metric, rename one"
                );
            });
            let Header { name, kind, .. } = header;
            self.conflicts.push(Conflict {
                name,
                kind,
                taken_by: other.name.clone(),
            });
            return None;
        }
        let name = header.name.clone();
        let samples: Vec<String> = header.sample_names().collect();
        let family = Arc::new(Family::new(header, series));
        for sample in samples {
            self.by_sample.insert(sample, Arc::clone(&family));
        }
        self.add_name(name, &family);
        Some(family)
    }

    /// Sets the HELP text that a family lacks, and the name that its unit requires if that is free.
    fn redescribe(&mut self, family: &Arc<Family>, name: String, help: &str) {
        let old = family.header();
        let help = old.help.clone().or_else(|| Some(help.to_owned()));
        let mut new = Header {
            name,
            kind: old.kind,
            help,
        };
        let is_free = new.sample_names().all(|sample| {
            self.by_sample
                .get(&sample)
                .is_none_or(|owner| Arc::ptr_eq(owner, family))
        });
        if !is_free {
            new.name.clone_from(&old.name);
        }
        if new.name != old.name {
            for sample in old.sample_names() {
                self.by_sample.remove(&sample);
            }
            for sample in new.sample_names() {
                self.by_sample.insert(sample, Arc::clone(family));
            }
            self.by_name.remove(&old.name);
            self.add_name(new.name.clone(), family);
        }
        family.set_header(new);
    }

    fn add_name(&mut self, name: String, family: &Arc<Family>) {
        let named = NamedFamily {
            family: Arc::clone(family),
            added: self.version,
        };
        self.by_name.insert(name, named);
        self.version += 1;
    }

    /// The first family after `name` whose name is in the snapshot.
    fn family_after(&self, name: Option<&str>, version: u64) -> Option<&Arc<Family>> {
        let start = name.map_or(Bound::Unbounded, Bound::Excluded);
        self.by_name
            .range::<str, _>((start, Bound::Unbounded))
            .map(|(_, named)| named)
            .find(|named| named.added < version)
            .map(|named| &named.family)
    }
}

impl CatalogSnapshot {
    /// The families in the order of their names.
    pub(super) fn families(&self) -> Families {
        Families {
            snapshot: self.clone(),
            last: None,
        }
    }

    /// The family that can have a sample with this name.
    pub(super) fn family_of_sample(&self, sample: &str) -> Option<(Arc<Header>, Arc<Family>)> {
        let index = self.catalog.lock();
        let family = index.by_sample.get(sample)?;
        let header = family.header();
        let named = index.by_name.get(&header.name)?;
        (named.added < self.version).then(|| (header, Arc::clone(family)))
    }
}

impl Iterator for Families {
    type Item = (Arc<Header>, Arc<Family>);

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.snapshot.catalog.lock();
        let after = self.last.as_ref().map(|header| header.name.as_str());
        let family = index.family_after(after, self.snapshot.version)?;
        // The name cannot change while the index is locked.
        let header = family.header();
        self.last = Some(Arc::clone(&header));
        Some((header, Arc::clone(family)))
    }
}

/// A metric whose name is in use gets a cell that is not shown.
impl Storage<RegistryKey> for Catalog {
    type Counter = Arc<CounterCell>;
    type Gauge = Arc<GaugeCell>;
    type Histogram = DistributionCell;

    fn counter(&self, key: &RegistryKey) -> Self::Counter {
        let key = key.key();
        if let Some(family) = self.family(MetricKind::Counter, key.name())
            && let FamilySeries::Counters(series) = &family.series
        {
            return series.get_or_insert(&self.labels(&family, key), CounterCell::new);
        }
        Arc::new(CounterCell::new())
    }

    fn gauge(&self, key: &RegistryKey) -> Self::Gauge {
        let key = key.key();
        if let Some(family) = self.family(MetricKind::Gauge, key.name())
            && let FamilySeries::Gauges(series) = &family.series
        {
            return series.get_or_insert(&self.labels(&family, key), GaugeCell::new);
        }
        Arc::new(GaugeCell::new())
    }

    fn histogram(&self, key: &RegistryKey) -> Self::Histogram {
        let key = key.key();
        let Some(family) = self.family(MetricKind::Histogram, key.name()) else {
            return DistributionCell::Noop;
        };
        let labels = self.labels(&family, key);
        let nan_samples = &family.nan_samples;
        match &family.series {
            FamilySeries::Histograms(bounds, series) => {
                let create =
                    || HistogramCell::new(Arc::clone(&bounds.upper), Arc::clone(nan_samples));
                DistributionCell::Histogram(series.get_or_insert(&labels, create))
            }
            FamilySeries::Summaries(spec, series) => {
                let create = || SummaryCell::new(spec.clone(), Arc::clone(nan_samples));
                DistributionCell::Summary(series.get_or_insert(&labels, create))
            }
            FamilySeries::Counters(_) | FamilySeries::Gauges(_) => DistributionCell::Noop,
        }
    }
}
