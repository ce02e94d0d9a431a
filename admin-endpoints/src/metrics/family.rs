//! A family: the series of one name, with its type and HELP text.

use std::sync::{Arc, Mutex};

use super::block::Block;
use super::buckets::BucketBounds;
use super::cells::{CounterCell, GaugeCell};
use super::escape::push_help;
use super::histogram::HistogramCell;
use super::naming::MetricType;
use super::nan::NanSamples;
use super::series::Series;
use super::summary::{SummaryCell, SummarySpec};
use crate::sync::lock;

/// All series of one name.
#[derive(Debug)]
pub(super) struct Family {
    header: Mutex<Arc<Header>>,
    pub(super) series: FamilySeries,
    pub(super) nan_samples: Arc<NanSamples>,
}

/// The series of a family, by type.
#[derive(Debug)]
pub(super) enum FamilySeries {
    Counters(Series<CounterCell>),
    Gauges(Series<GaugeCell>),
    Histograms(Arc<BucketBounds>, Series<HistogramCell>),
    Summaries(SummarySpec, Series<SummaryCell>),
}

/// Some of the series of a family, by type.
#[derive(Clone, Debug)]
pub(super) enum FamilyBlock {
    Counters(Arc<Block<CounterCell>>),
    Gauges(Arc<Block<GaugeCell>>),
    Histograms(Arc<BucketBounds>, Arc<Block<HistogramCell>>),
    Summaries(SummarySpec, Arc<Block<SummaryCell>>),
}

/// The blocks of a family in order, each with the index of its first series that is new.
#[derive(Debug)]
pub(super) struct FamilyBlocks {
    family: Arc<Family>,
    last: Option<FamilyBlock>,
}

/// The name, type and HELP text of a family.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) kind: MetricType,
    pub(super) help: Option<String>,
}

impl Header {
    /// Appends the HELP line, if there is a text, and the TYPE line.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut text = String::new();
        if let Some(help) = &self.help {
            text.extend(["# HELP ", &self.name, " "]);
            push_help(&mut text, help);
            text.push('\n');
        }
        text.extend(["# TYPE ", &self.name, " ", self.kind.as_str(), "\n"]);
        out.extend_from_slice(text.as_bytes());
    }

    /// The names of all samples that a family of this name and type can have.
    pub(super) fn sample_names(&self) -> impl Iterator<Item = String> {
        self.kind
            .sample_suffixes()
            .iter()
            .map(|suffix| format!("{}{suffix}", self.name))
    }
}

impl Family {
    pub(super) fn new(header: Header, series: FamilySeries) -> Self {
        Self {
            header: Mutex::new(Arc::new(header)),
            series,
            nan_samples: Arc::default(),
        }
    }

    pub(super) fn header(&self) -> Arc<Header> {
        let header = lock(&self.header);
        Arc::clone(&header)
    }

    pub(super) fn set_header(&self, header: Header) {
        *lock(&self.header) = Arc::new(header);
    }

    /// Whether there is a series with these labels, as [`stored_labels`] writes them.
    pub(super) fn contains(&self, labels: &str) -> bool {
        match &self.series {
            FamilySeries::Counters(series) => series.contains(labels),
            FamilySeries::Gauges(series) => series.contains(labels),
            FamilySeries::Histograms(_, series) => series.contains(labels),
            FamilySeries::Summaries(_, series) => series.contains(labels),
        }
    }

    pub(super) fn blocks(self: &Arc<Self>) -> FamilyBlocks {
        FamilyBlocks {
            family: Arc::clone(self),
            last: None,
        }
    }

    fn block_after(&self, after: Option<&[u8]>) -> Option<(FamilyBlock, usize)> {
        match &self.series {
            FamilySeries::Counters(series) => {
                let (block, first) = series.block_after(after)?;
                Some((FamilyBlock::Counters(block), first))
            }
            FamilySeries::Gauges(series) => {
                let (block, first) = series.block_after(after)?;
                Some((FamilyBlock::Gauges(block), first))
            }
            FamilySeries::Histograms(bounds, series) => {
                let (block, first) = series.block_after(after)?;
                Some((FamilyBlock::Histograms(Arc::clone(bounds), block), first))
            }
            FamilySeries::Summaries(spec, series) => {
                let (block, first) = series.block_after(after)?;
                Some((FamilyBlock::Summaries(spec.clone(), block), first))
            }
        }
    }
}

impl FamilyBlock {
    fn last_labels(&self) -> &[u8] {
        match self {
            Self::Counters(block) => block.last_labels(),
            Self::Gauges(block) => block.last_labels(),
            Self::Histograms(_, block) => block.last_labels(),
            Self::Summaries(_, block) => block.last_labels(),
        }
    }
}

impl Iterator for FamilyBlocks {
    type Item = (FamilyBlock, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let after = self.last.as_ref().map(FamilyBlock::last_labels);
        let (block, first) = self.family.block_after(after)?;
        self.last = Some(block.clone());
        Some((block, first))
    }
}

/// Labels as blocks store them, ready to be copied into a line: `{a="1"} ` (or a space) before a
/// value, `a="1",` (or nothing) before the label of the histogram or summary itself.
pub(super) fn stored_labels(kind: MetricType, mut labels: String) -> String {
    match kind {
        MetricType::Histogram | MetricType::Summary => {
            if !labels.is_empty() {
                labels.push(',');
            }
            labels
        }
        _ if labels.is_empty() => " ".to_owned(),
        _ => format!("{{{labels}}} "),
    }
}
