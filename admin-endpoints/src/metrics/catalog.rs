//! Which family a metric belongs to: names, units and kinds are settled here, and collisions
//! resolved and counted.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metrics::{Key, SharedString, Unit};
use metrics_util::MetricKind;
use metrics_util::registry::Storage;

use super::buckets::{Shape, Shapes};
use super::cells::{CounterCell, GaugeCell};
use super::distribution::DistributionCell;
use super::family::{Family, Header, Members, stored_labels};
use super::histogram::HistogramCell;
use super::labels::label_text;
use super::naming::{Kind, family_name, metric_name};
use super::series::Series;
use super::summary::SummaryCell;

/// All families of one recorder. Used when a series is registered and when it is listed, never when
/// it is recorded.
#[derive(Debug)]
pub(crate) struct Catalog {
    names: Mutex<Names>,
    rules: Rules,
    /// Keys that a cell was made for, and that were not forgotten since.
    keys: AtomicUsize,
    /// One merge at a time.
    merge: Mutex<()>,
}

/// What the builder settled.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Put units and `_total` into names.
    pub(crate) recommended_naming: bool,
    pub(crate) global_labels: Vec<(String, String)>,
    pub(crate) shapes: Shapes,
}

#[derive(Debug, Default)]
struct Names {
    /// By the kind of macro and the sanitised name; None if the name was taken by something else.
    by_metric: HashMap<(MetricKind, String), Option<Arc<Family>>>,
    /// By the name of every sample that a family can have.
    by_sample: HashMap<String, Arc<Family>>,
    descriptions: HashMap<(MetricKind, String), Description>,
    conflicts: Vec<Conflict>,
    listing: Option<Listing>,
}

#[derive(Debug)]
struct Description {
    unit: Option<Unit>,
    help: String,
}

/// All families by name, each with its name and HELP as of the moment the list was asked for.
pub(crate) type Listing = Arc<[(Arc<Header>, Arc<Family>)]>;

/// A metric that is not shown, because the first metric of that name is of another kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Conflict {
    /// The name it would have.
    pub(crate) name: String,
    /// What it would be.
    pub(crate) kind: Kind,
    /// The family that was there first.
    pub(crate) taken_by: String,
}

impl Catalog {
    pub(crate) fn new(rules: Rules) -> Self {
        let keys = AtomicUsize::new(0);
        Self {
            names: Mutex::default(),
            rules,
            keys,
            merge: Mutex::new(()),
        }
    }

    /// Keeps the unit and HELP of a metric; the first description of a name counts.
    ///
    /// A unit that arrives after the first series renames the family, unless the new name is taken.
    pub(crate) fn describe(
        &self,
        kind: MetricKind,
        raw: &str,
        unit: Option<Unit>,
        help: &SharedString,
    ) {
        let metric = (kind, metric_name(raw));
        let mut names = self.lock();
        if names.descriptions.contains_key(&metric) {
            return;
        }
        let help = help.to_string();
        if let Some(Some(family)) = names.by_metric.get(&metric) {
            let family = family.clone();
            names.redescribe(
                &family,
                self.family_name(family.header().kind, &metric.1, unit),
                &help,
            );
        }
        names
            .descriptions
            .insert(metric, Description { unit, help });
    }

    /// All families in the order of their names, with every series that is registered by now.
    ///
    /// Takes time in proportion to the series of the families that have new ones; at most one call
    /// works at a time.
    pub(crate) fn merged_listing(&self) -> Listing {
        let _turn = self.merge.lock().unwrap_or_else(PoisonError::into_inner);
        let listing = self.listing();
        for (_, family) in listing.iter() {
            family.merge();
        }
        listing
    }

    /// All families in the order of their names, with the series of the last merge.
    pub(crate) fn listing(&self) -> Listing {
        self.lock().listing()
    }

    /// Runs `work` while no merge does.
    pub(crate) fn between_merges<T>(&self, work: impl FnOnce() -> T) -> T {
        let _turn = self.merge.lock().unwrap_or_else(PoisonError::into_inner);
        work()
    }

    /// Keys that the registry knows.
    pub(crate) fn keys(&self) -> usize {
        self.keys.load(Ordering::Relaxed)
    }

    /// Notes that the registry has dropped a key.
    pub(crate) fn forget_key(&self) {
        self.keys.fetch_sub(1, Ordering::Relaxed);
    }

    /// Metrics that are not shown, sorted.
    pub(crate) fn conflicts(&self) -> Vec<Conflict> {
        let mut conflicts = self.lock().conflicts.clone();
        conflicts.sort();
        conflicts
    }

    /// The name of the family that shows samples under this name.
    pub(crate) fn owner_of(&self, sample: &str) -> Option<String> {
        self.lock()
            .by_sample
            .get(sample)
            .map(|family| family.header().name.clone())
    }

    fn family_name(&self, kind: Kind, base: &str, unit: Option<Unit>) -> String {
        match self.rules.recommended_naming {
            true => family_name(kind, base, unit),
            false => base.to_owned(),
        }
    }

    /// The family of a metric, made if there is none, for one more key; None if its name is taken
    /// by another kind.
    fn family(&self, metric: MetricKind, raw: &str) -> Option<Arc<Family>> {
        self.keys.fetch_add(1, Ordering::Relaxed);
        let metric = (metric, metric_name(raw));
        let mut names = self.lock();
        if let Some(family) = names.by_metric.get(&metric) {
            return family.clone();
        }
        let description = names.descriptions.get(&metric);
        let unit = description.and_then(|description| description.unit);
        let help = description.map(|description| description.help.clone());
        let (kind, members) = match metric.0 {
            MetricKind::Counter => (Kind::Counter, Members::Counters(Series::new())),
            MetricKind::Gauge => (Kind::Gauge, Members::Gauges(Series::new())),
            MetricKind::Histogram => {
                match self.rules.shapes.of(&metric.1, unit == Some(Unit::Seconds)) {
                    Shape::Histogram(bounds) => {
                        (Kind::Histogram, Members::Histograms(bounds, Series::new()))
                    }
                    Shape::Summary(spec) => {
                        (Kind::Summary, Members::Summaries(spec, Series::new()))
                    }
                }
            }
        };
        let header = Header {
            name: self.family_name(kind, &metric.1, unit),
            kind,
            help,
        };
        let family = names.claim(header, members);
        names.by_metric.insert(metric, family.clone());
        family
    }

    /// The labels of a series as its family keeps them.
    fn labels(&self, family: &Family, key: &Key) -> String {
        let kind = family.header().kind;
        let own = key.labels().map(|label| (label.key(), label.value()));
        stored_labels(kind, label_text(kind, own, &self.rules.global_labels))
    }

    fn lock(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Names {
    /// The family with this header: the one that is there, or a new one if all its sample names are
    /// free.
    fn claim(&mut self, header: Header, members: Members) -> Option<Arc<Family>> {
        let taken_by = header
            .sample_names()
            .find_map(|sample| self.by_sample.get(&sample));
        if let Some(other) = taken_by.map(|family| family.header()) {
            if other.name == header.name && other.kind == header.kind {
                return self.by_sample.get(&header.name).cloned();
            }
            tracing::warn!(
                metric = header.name,
                kind = header.kind.as_str(),
                taken_by = other.name,
                taken_as = other.kind.as_str(),
                "metric is not shown on /metrics: its name is taken, rename one of the two"
            );
            let Header { name, kind, .. } = header;
            self.conflicts.push(Conflict {
                name,
                kind,
                taken_by: other.name.clone(),
            });
            return None;
        }
        let samples: Vec<String> = header.sample_names().collect();
        let family = Arc::new(Family::new(header, members));
        self.by_sample
            .extend(samples.into_iter().map(|sample| (sample, family.clone())));
        self.listing = None;
        Some(family)
    }

    /// Gives a family the HELP it lacks and the name that its unit asks for, if that is free.
    fn redescribe(&mut self, family: &Arc<Family>, name: String, help: &str) {
        let old = family.header();
        let help = old.help.clone().or_else(|| Some(help.to_owned()));
        let mut new = Header {
            name,
            kind: old.kind,
            help,
        };
        let free = new.sample_names().all(|sample| {
            self.by_sample
                .get(&sample)
                .is_none_or(|owner| Arc::ptr_eq(owner, family))
        });
        if !free {
            new.name.clone_from(&old.name);
        }
        old.sample_names().for_each(|sample| {
            self.by_sample.remove(&sample);
        });
        self.by_sample
            .extend(new.sample_names().map(|sample| (sample, family.clone())));
        family.set_header(new);
        self.listing = None;
    }

    fn listing(&mut self) -> Listing {
        if self.listing.is_none() {
            let mut families: Vec<_> = self
                .by_sample
                .iter()
                .map(|(sample, family)| (sample, family.header(), family))
                .filter(|(sample, header, _)| **sample == header.name)
                .map(|(_, header, family)| (header, family.clone()))
                .collect();
            families.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
            self.listing = Some(families.into());
        }
        self.listing.clone().unwrap_or_default()
    }
}

/// A metric whose name is taken gets a cell that works and is never shown.
impl Storage<Key> for Catalog {
    type Counter = Arc<CounterCell>;
    type Gauge = Arc<GaugeCell>;
    type Histogram = DistributionCell;

    fn counter(&self, key: &Key) -> Self::Counter {
        if let Some(family) = self.family(MetricKind::Counter, key.name())
            && let Members::Counters(series) = &family.members
        {
            return series.get_or_insert(self.labels(&family, key), CounterCell::new);
        }
        Arc::new(CounterCell::new())
    }

    fn gauge(&self, key: &Key) -> Self::Gauge {
        if let Some(family) = self.family(MetricKind::Gauge, key.name())
            && let Members::Gauges(series) = &family.members
        {
            return series.get_or_insert(self.labels(&family, key), GaugeCell::new);
        }
        Arc::new(GaugeCell::new())
    }

    fn histogram(&self, key: &Key) -> Self::Histogram {
        let Some(family) = self.family(MetricKind::Histogram, key.name()) else {
            return DistributionCell::Nothing;
        };
        match &family.members {
            Members::Histograms(bounds, series) => {
                let make = || HistogramCell::new(bounds.upper.clone());
                DistributionCell::Histogram(series.get_or_insert(self.labels(&family, key), make))
            }
            Members::Summaries(spec, series) => {
                let make = || SummaryCell::new(spec.clone());
                DistributionCell::Summary(series.get_or_insert(self.labels(&family, key), make))
            }
            _ => DistributionCell::Nothing,
        }
    }
}
