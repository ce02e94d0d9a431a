//! Why there is no recorder.

use std::{error, fmt};

use super::buckets::LATENCY_BUCKETS;

/// Why a recorder could not be set up. The text says what to change.
///
/// ```
/// use admin_endpoints::metrics::Recorder;
///
/// assert_eq!(
///     Recorder::builder().quantiles(&[99.0]).build().unwrap_err().to_string(),
///     "quantile 99 is unusable: give numbers between 0 and 1, such as 0.99"
/// );
/// assert_eq!(
///     Recorder::builder().default_buckets(&[f64::INFINITY]).build().unwrap_err().to_string(),
///     "bucket bounds [inf] for every histogram are unusable: give at least one finite number and \
///      no NaN, such as [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, \
///      2.5, 5.0, 10.0]"
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum BuildError {
    /// Bucket bounds are missing or not numbers.
    Buckets {
        /// Which metrics they are for, as given.
        matcher: String,
        /// The bounds, as given.
        bounds: Vec<f64>,
    },
    /// A quantile is not between 0 and 1.
    Quantile {
        /// The quantile, as given.
        quantile: f64,
    },
    /// The windows of summaries have no length.
    Window,
}

/// Why a recorder could not be installed.
///
/// ```
/// use admin_endpoints::metrics::{InstallError, Recorder};
///
/// let wrong = Recorder::builder().quantiles(&[99.0]).install().unwrap_err();
/// assert!(matches!(wrong, InstallError::Build(_)));
/// assert_eq!(
///     InstallError::Occupied { ours: true }.to_string(),
///     "the metrics recorder is installed already: call `install` once, and \
///      `admin_endpoints::metrics::Recorder::installed()` elsewhere"
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum InstallError {
    /// A setting is wrong.
    Build(BuildError),
    /// The process has a recorder already, and the facade has room for one.
    Occupied {
        /// It is one of this crate's.
        ours: bool,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Buckets { matcher, bounds } => write!(
                f,
                "bucket bounds {bounds:?} for {matcher} are unusable: give at least one finite \
                 number and no NaN, such as {LATENCY_BUCKETS:?}"
            ),
            Self::Quantile { quantile } => {
                write!(
                    f,
                    "quantile {quantile} is unusable: give numbers between 0 and 1, such as 0.99"
                )
            }
            Self::Window => {
                f.write_str("summary windows of no length are unusable: give some seconds")
            }
        }
    }
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(error) => error.fmt(f),
            Self::Occupied { ours: true } => f.write_str(
                "the metrics recorder is installed already: call `install` once, and \
                 `admin_endpoints::metrics::Recorder::installed()` elsewhere",
            ),
            Self::Occupied { ours: false } => f.write_str(
                "another metrics recorder is installed already: put both into one with \
                 `metrics_util::layers::FanoutBuilder`, or, if it is metrics-exporter-prometheus, \
                 show it with `Recorder::builder().source(handle).build()` and `MetricsConfig`",
            ),
        }
    }
}

impl error::Error for BuildError {}

impl error::Error for InstallError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Build(error) => Some(error),
            Self::Occupied { .. } => None,
        }
    }
}
