//! What a `histogram!` handle leads to: a histogram, a summary, or nothing that is shown.

use std::sync::Arc;

use metrics::{Histogram, HistogramFn};

use super::histogram::HistogramCell;
use super::summary::SummaryCell;

/// The cell behind one `histogram!` key.
#[derive(Clone, Debug)]
pub(crate) enum DistributionCell {
    Histogram(Arc<HistogramCell>),
    Summary(Arc<SummaryCell>),
    /// Its name is taken by another kind.
    Nothing,
}

impl DistributionCell {
    /// A handle that goes straight to the cell.
    pub(crate) fn handle(&self) -> Histogram {
        match self {
            Self::Histogram(cell) => Histogram::from_arc(cell.clone()),
            Self::Summary(cell) => Histogram::from_arc(cell.clone()),
            Self::Nothing => Histogram::noop(),
        }
    }
}

impl HistogramFn for DistributionCell {
    fn record(&self, value: f64) {
        match self {
            Self::Histogram(cell) => cell.record(value),
            Self::Summary(cell) => cell.record(value),
            Self::Nothing => {}
        }
    }
}
