//! The reset: every cell is zeroed where it is.

use std::{error, fmt};

use super::catalog::Listing;
use super::family::View;
use super::histogram::Patience;

/// What a reset did.
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
pub struct ResetReport {
    /// Series that were put back to zero.
    pub series: usize,
    /// Families with a histogram that could not be, because a record in it is standing still.
    pub(crate) busy: Vec<String>,
}

/// Why a reset did not put everything back to zero.
///
/// ```
/// use admin_endpoints::metrics::{Recorder, ResetError};
/// use metrics_exporter_prometheus::PrometheusBuilder;
///
/// let exporter = PrometheusBuilder::new().build_recorder();
/// let recorder = Recorder::builder().source(exporter.handle()).build()?;
/// let error = recorder.reset().unwrap_err();
/// assert!(matches!(error, ResetError::Source { .. }));
/// assert_eq!(
///     error.to_string(),
///     "Nothing was reset: the metrics source `metrics-exporter-prometheus` cannot be reset. \
///      Record with admin_endpoints::metrics instead, or leave the source out"
/// );
/// # Ok::<(), admin_endpoints::metrics::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResetError {
    /// A source has no way to be reset. Nothing was reset.
    Source {
        /// The source's name.
        name: String,
    },
    /// A thread stands still in the middle of a record. Everything else was reset.
    Busy {
        /// The histograms.
        names: Vec<String>,
    },
}

impl fmt::Display for ResetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source { name } => write!(
                f,
                "Nothing was reset: the metrics source `{name}` cannot be reset. \
                 Record with admin_endpoints::metrics instead, or leave the source out"
            ),
            Self::Busy { names } => write!(
                f,
                "Everything was reset but {}: a thread stands still while recording. Try again",
                names.join(", ")
            ),
        }
    }
}

impl error::Error for ResetError {}

/// Zeroes every listed series, those of the families that `keep` names excepted, and tells
/// `observe` what each family's series had: a counter's or gauge's value, a histogram's or
/// summary's number of samples.
pub(crate) fn reset_all(
    listing: &Listing,
    keep: impl Fn(&str) -> bool,
    patience: Patience,
    mut observe: impl FnMut(&str, f64),
) -> ResetReport {
    let mut report = ResetReport::default();
    for (header, family) in listing.iter().filter(|(header, _)| !keep(&header.name)) {
        let name = header.name.as_str();
        let view = family.view();
        report.series += view.len();
        match &view {
            View::Counters(arena) => {
                arena
                    .cells()
                    .iter()
                    .for_each(|cell| observe(name, cell.reset() as f64));
            }
            View::Gauges(arena) => arena
                .cells()
                .iter()
                .for_each(|cell| observe(name, cell.reset())),
            View::Summaries(_, arena) => {
                arena
                    .cells()
                    .iter()
                    .for_each(|cell| observe(name, cell.reset() as f64));
            }
            View::Histograms(_, arena) => {
                let mut busy = 0;
                for cell in arena.cells() {
                    match cell.reset(patience) {
                        Ok(count) => observe(name, count as f64),
                        Err(super::histogram::Busy) => busy += 1,
                    }
                }
                if busy > 0 {
                    report.series -= busy;
                    report.busy.push(name.to_owned());
                }
            }
        }
    }
    report
}
