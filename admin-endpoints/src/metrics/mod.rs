//! `GET /metrics` and `POST /metrics/reset`: everything the `metrics` facade records, exact,
//! resettable, streamed.
//!
//! One line first thing in `main` is enough; everything else is counted with the facade:
//!
//! ```standalone_crate
//! let recorder = admin_endpoints::metrics::install()?;
//! metrics::counter!("cache_hits_total", "tier" => "l1").increment(1);
//! assert!(recorder.render().contains("cache_hits_total{tier=\"l1\"} 1\n"));
//! # Ok::<(), admin_endpoints::metrics::InstallError>(())
//! ```
//!
//! Text format 0.0.4, families sorted by name and series by labels. Shown without being asked for:
//! `process_*`, `admin_build_info`, what the server counts of its own requests, and
//! `admin_metrics_conflicts` for every metric that is left out because its name is taken by one of
//! another kind.

// What is recorded into.
mod atomic;
mod cells;
mod distribution;
mod histogram;
mod idle;
mod shards;
mod summary;

// What it is called.
mod buckets;
mod escape;
mod labels;
mod naming;
mod number;

// Where it is found.
mod arena;
mod catalog;
mod family;
mod series;
mod sweep;

// What others have.
mod exposition;
mod observed;
mod own;
mod process;
mod source;

// What is read and reset.
mod lines;
mod reset;
mod scrape;

// What users set up.
mod builder;
mod facade;
mod recorder;
mod setup_error;

// What answers requests.
mod encoding;
mod handlers;
mod stream;

#[cfg(test)]
mod stress;

pub use metrics_exporter_prometheus::Matcher;
pub use metrics_util::MetricKindMask;

pub use self::buckets::LATENCY_BUCKETS;
pub use self::builder::RecorderBuilder;
pub use self::handlers::MetricsConfig;
pub use self::recorder::Recorder;
pub use self::reset::{ResetError, ResetReport};
pub use self::scrape::Scrape;
pub use self::setup_error::{BuildError, InstallError};
pub use self::source::Source;

/// Installs a recorder with its defaults: [`Recorder::builder`]`().install()`.
///
/// # Errors
///
/// If the process has a recorder already.
///
/// ```standalone_crate
/// use admin_endpoints::metrics::{self, InstallError};
///
/// metrics::install()?;
/// assert_eq!(metrics::install().unwrap_err(), InstallError::Occupied { ours: true });
/// # Ok::<(), InstallError>(())
/// ```
pub fn install() -> Result<Recorder, InstallError> {
    Recorder::builder().install()
}
