//! Errors of building and installing a recorder.

use std::error::Error;
use std::fmt;

use super::buckets::LATENCY_BUCKETS;

/// A setting of the builder is invalid. The text says what to change.
///
/// ```
/// use admin_endpoints::metrics::Recorder;
///
/// assert_eq!(
///     Recorder::builder().quantiles(&[99.0]).build().unwrap_err().to_string(),
///     "invalid quantile 99: use numbers from 0 to 1, such as 0.99"
/// );
/// assert_eq!(
///     Recorder::builder().default_buckets(&[f64::INFINITY]).build().unwrap_err().to_string(),
///     "invalid bucket bounds [inf] for every histogram: give at least one finite number and no \
///      NaN, such as [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, \
///      5.0, 10.0]"
/// );
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum RecorderBuildError {
    /// Bucket bounds are missing or contain NaN.
    #[non_exhaustive]
    InvalidBuckets {
        /// The metrics that the bounds are for, as given.
        matcher: String,
        /// The bounds, as given.
        bounds: Vec<f64>,
    },
    /// A quantile is not between 0 and 1.
    #[non_exhaustive]
    InvalidQuantile {
        /// The quantile, as given.
        quantile: f64,
    },
    /// The windows of summaries have a length of zero or cover more than a year.
    InvalidWindows,
}

/// The recorder could not be installed.
///
/// ```
/// use admin_endpoints::metrics::{InstallError, Recorder};
///
/// let invalid = Recorder::builder().quantiles(&[99.0]).install().unwrap_err();
/// assert!(matches!(invalid, InstallError::Build(_)));
/// assert_eq!(
///     InstallError::AlreadyInstalled.to_string(),
///     "the metrics recorder is already installed: call `install` once, and \
///      `admin_endpoints::metrics::Recorder::installed()` elsewhere"
/// );
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum InstallError {
    /// A setting of the builder is invalid.
    Build(RecorderBuildError),
    /// A recorder of this crate is already installed.
    AlreadyInstalled,
    /// A recorder of another crate is already installed.
    OtherRecorderInstalled,
}

impl fmt::Display for RecorderBuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidBuckets { matcher, bounds } => write!(
                f,
                "invalid bucket bounds {bounds:?} for {matcher}: give at least one finite number \
                 and no NaN, such as {LATENCY_BUCKETS:?}"
            ),
            Self::InvalidQuantile { quantile } => write!(
                f,
                "invalid quantile {quantile}: use numbers from 0 to 1, such as 0.99"
            ),
            Self::InvalidWindows => f.write_str(
                "invalid summary windows: use a length above zero and at most a year in total",
            ),
        }
    }
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(error) => error.fmt(f),
            Self::AlreadyInstalled => f.write_str(
                "the metrics recorder is already installed: call `install` once, and \
                 `admin_endpoints::metrics::Recorder::installed()` elsewhere",
            ),
            Self::OtherRecorderInstalled => f.write_str(
                "another metrics recorder is already installed: combine both with \
                 `metrics_util::layers::FanoutBuilder`, or, if it is metrics-exporter-prometheus, \
                 add it with `Recorder::builder().source(handle).build()` and `MetricsConfig`",
            ),
        }
    }
}

// `main` prints errors with Debug: show the text that helps.
impl fmt::Debug for RecorderBuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for RecorderBuildError {}

// `main` prints errors with Debug: show the text that helps.
impl fmt::Debug for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for InstallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Build(error) => Some(error),
            Self::AlreadyInstalled | Self::OtherRecorderInstalled => None,
        }
    }
}
