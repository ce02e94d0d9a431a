//! Resets every series in place.

use std::error::Error;
use std::fmt;

use super::block::Block;
use super::catalog::CatalogSnapshot;
use super::family::FamilyBlock;
use super::histogram::{HistogramBusy, SpinLimits};

/// The result of a reset.
///
/// ```
/// use admin_endpoints::metrics::Recorder;
///
/// let recorder = Recorder::builder().build()?;
/// metrics::with_local_recorder(&recorder, || {
///     metrics::counter!("hits", "tier" => "hot").increment(1);
///     metrics::counter!("hits", "tier" => "cold").increment(1);
/// });
/// assert_eq!(recorder.reset()?.series, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResetReport {
    /// Number of series that were set to zero.
    pub series: usize,
}

/// A reset did not set every series to zero.
///
/// ```
/// use admin_endpoints::metrics::{Recorder, ResetError};
/// use metrics_exporter_prometheus::PrometheusBuilder;
///
/// let exporter = PrometheusBuilder::new().build_recorder();
/// let recorder = Recorder::builder().source(exporter.handle()).build()?;
/// let error = recorder.reset().unwrap_err();
/// assert!(matches!(error, ResetError::UnsupportedBySource { .. }));
/// assert_eq!(
///     error.to_string(),
///     "Nothing was reset: the metrics source `metrics-exporter-prometheus` cannot be reset. \
///      Record with admin_endpoints::metrics instead, or remove the source"
/// );
/// # Ok::<(), admin_endpoints::metrics::RecorderBuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResetError {
    /// A source cannot be reset. Nothing was reset.
    #[non_exhaustive]
    UnsupportedBySource {
        /// The name of the source.
        name: String,
    },
    /// A thread is suspended while recording into a histogram. Every other series was reset.
    #[non_exhaustive]
    HistogramBusy {
        /// The families of the histograms.
        names: Vec<String>,
    },
}

impl fmt::Display for ResetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsupportedBySource { name } => write!(
                f,
                "Nothing was reset: the metrics source `{name}` cannot be reset. \
                 Record with admin_endpoints::metrics instead, or remove the source"
            ),
            Self::HistogramBusy { names } => write!(
                f,
                "Everything was reset except {}: a thread is suspended while recording. Try again",
                names.join(", ")
            ),
        }
    }
}

impl Error for ResetError {}

/// Sets every series to zero, except those of the families that `keep` selects, and passes each
/// family's name and each series' previous value to `observe`: the value of a counter or gauge, the
/// number of samples of a histogram or summary.
pub(super) fn reset_all(
    families: &CatalogSnapshot,
    keep: impl Fn(&str) -> bool,
    mut observe: impl FnMut(&str, f64),
) -> Result<ResetReport, ResetError> {
    let mut series = 0;
    let mut busy = Vec::new();
    for (header, family) in families
        .families()
        .filter(|(header, _)| !keep(&header.name))
    {
        let mut observe = |value| {
            series += 1;
            observe(&header.name, value);
        };
        let mut is_busy = false;
        for (block, first) in family.blocks() {
            match &block {
                FamilyBlock::Counters(block) => {
                    cells(block, first).for_each(|cell| observe(cell.reset() as f64));
                }
                FamilyBlock::Gauges(block) => {
                    cells(block, first).for_each(|cell| observe(cell.reset()));
                }
                FamilyBlock::Summaries(_, block) => {
                    cells(block, first).for_each(|cell| observe(cell.reset() as f64));
                }
                FamilyBlock::Histograms(_, block) => {
                    for cell in cells(block, first) {
                        match cell.reset(SpinLimits::RESET) {
                            Ok(count) => observe(count as f64),
                            Err(HistogramBusy) => is_busy = true,
                        }
                    }
                }
            }
        }
        family.nan_samples.reset();
        if is_busy {
            busy.push(header.name.clone());
        }
    }
    if busy.is_empty() {
        Ok(ResetReport { series })
    } else {
        Err(ResetError::HistogramBusy { names: busy })
    }
}

fn cells<C>(block: &Block<C>, first: usize) -> impl Iterator<Item = &C> {
    block.cells().iter().skip(first).map(|cell| &**cell)
}
