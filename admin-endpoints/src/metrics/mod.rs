//! `GET /metrics` and `POST /metrics/reset`: all metrics recorded with the `metrics` facade, exact,
//! resettable and streamed.
//!
//! Install the recorder first in `main`, then record with the facade:
//!
//! ```standalone_crate
//! let recorder = admin_endpoints::metrics::install()?;
//! metrics::counter!("cache_hits_total", "tier" => "l1").increment(1);
//! assert!(recorder.render().contains("cache_hits_total{tier=\"l1\"} 1\n"));
//! # Ok::<(), admin_endpoints::metrics::InstallError>(())
//! ```
//!
//! The text format is 0.0.4, with families sorted by name and series by labels. It includes
//! `process_*`, `build_info`, the request metrics of the server, `health_check_healthy`,
//! `admin_log_level_leases` if log levels are installed, and metrics about the recorded ones:
//!
//! - `admin_metrics_conflicts`: metrics that are not shown because their name is in use by a metric
//!   of another type; `admin_metrics_not_shown` is their number.
//! - `admin_metrics_nan_samples_total`: NaN samples of histograms and summaries. They are included in
//!   `_count` and excluded from `_sum` and quantiles. Infinite samples are excluded from quantiles
//!   only.

// Values.
mod atomic;
mod cells;
mod distribution;
mod histogram;
mod idle;
mod nan;
mod shards;
mod summary;

// Names and text.
mod buckets;
mod escape;
mod labels;
mod naming;
mod number;

// Series and families.
mod block;
mod catalog;
mod family;
mod series;
mod sweep;

// Metrics that are not recorded.
mod exposition;
mod external;
mod process;
mod self_metrics;
mod source;
mod source_text;

// Scrape and reset.
mod encoder;
mod reset;
mod scrape;
mod scrape_error;
mod worker;

// Recorder.
mod builder;
mod error;
mod facade;
mod recorder;
mod registry_key;

// Routes.
mod body;
mod compression;
mod handlers;

pub use metrics_exporter_prometheus::Matcher;
pub use metrics_util::MetricKindMask;

pub use self::buckets::LATENCY_BUCKETS;
pub use self::builder::RecorderBuilder;
pub use self::error::{InstallError, RecorderBuildError};
pub use self::handlers::MetricsConfig;
pub use self::recorder::Recorder;
pub use self::reset::{ResetError, ResetReport};
pub use self::scrape::Scrape;
pub use self::scrape_error::ScrapeError;
pub use self::source::Source;

/// Installs a recorder with the default settings: [`Recorder::builder`]`().install()`.
///
/// # Errors
///
/// If a recorder is already installed in the process.
///
/// ```standalone_crate
/// use admin_endpoints::metrics::{self, InstallError};
///
/// metrics::install()?;
/// assert_eq!(metrics::install().unwrap_err(), InstallError::AlreadyInstalled);
/// # Ok::<(), InstallError>(())
/// ```
pub fn install() -> Result<Recorder, InstallError> {
    Recorder::builder().install()
}
