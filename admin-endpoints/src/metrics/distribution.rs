//! The cell behind a `histogram!` key: a histogram, a summary, or neither.

use std::sync::Arc;

use metrics::{Histogram, HistogramFn};

use super::histogram::HistogramCell;
use super::summary::SummaryCell;

/// The cell behind one `histogram!` key.
#[derive(Clone, Debug)]
pub(super) enum DistributionCell {
    Histogram(Arc<HistogramCell>),
    Summary(Arc<SummaryCell>),
    /// The name is used by a metric of another type.
    Noop,
}

impl DistributionCell {
    /// A facade handle that records into the cell directly.
    pub(super) fn handle(&self) -> Histogram {
        match self {
            Self::Histogram(cell) => Histogram::from_arc(Arc::clone(cell)),
            Self::Summary(cell) => Histogram::from_arc(Arc::clone(cell)),
            Self::Noop => Histogram::noop(),
        }
    }
}

impl HistogramFn for DistributionCell {
    fn record(&self, value: f64) {
        match self {
            Self::Histogram(cell) => cell.record(value),
            Self::Summary(cell) => cell.record(value),
            Self::Noop => {}
        }
    }
}
