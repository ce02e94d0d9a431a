//! How a recorder is set up, and how it is put into the process.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use std::{error, fmt};

use metrics_exporter_prometheus::Matcher;
use metrics_util::{MetricKindMask, parse_quantiles};

use super::buckets::{Bounds, LATENCY_BUCKETS, Shape, Shapes};
use super::catalog::{Catalog, Rules};
use super::idle::IdlePolicy;
use super::recorder::{Parts, Recorder};
use super::source::Source;
use super::summary::SummarySpec;

/// Settings of a [`Recorder`]. Every one has a default.
///
/// ```
/// use admin_endpoints::metrics::{Matcher, Recorder};
///
/// let recorder = Recorder::builder()
///     .buckets_for(Matcher::Suffix("_bytes".into()), &[1024.0, 1048576.0])
///     .global_label("zone", "eu-1")
///     .build()?;
/// # let _ = recorder;
/// # Ok::<(), admin_endpoints::metrics::BuildError>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until `install` or `build`"]
pub struct RecorderBuilder {
    recommended_naming: bool,
    default_buckets: Option<Vec<f64>>,
    buckets: Vec<(Matcher, Vec<f64>)>,
    summaries: Vec<Matcher>,
    quantiles: Vec<f64>,
    window: Duration,
    windows: NonZeroU32,
    global_labels: Vec<(String, String)>,
    idle: IdlePolicy,
    series_limit: usize,
    build_info: Vec<(String, String)>,
    process: bool,
    sources: Vec<Arc<dyn Source>>,
    keep_on_reset: Vec<Matcher>,
    clock: quanta::Clock,
}

/// Why a recorder could not be set up. The text says what to change.
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

impl Default for RecorderBuilder {
    fn default() -> Self {
        let keep = [
            "periodic_thread_active",
            "periodic_thread_last_run_timestamp_seconds",
        ];
        Self {
            recommended_naming: true,
            default_buckets: None,
            buckets: Vec::new(),
            summaries: Vec::new(),
            quantiles: vec![0.0, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0],
            window: Duration::from_secs(20),
            windows: NonZeroU32::MIN.saturating_add(2),
            global_labels: Vec::new(),
            idle: IdlePolicy::NEVER,
            series_limit: 2_000_000,
            build_info: vec![
                ("admin_version".into(), env!("CARGO_PKG_VERSION").into()),
                ("arch".into(), std::env::consts::ARCH.into()),
                ("debug".into(), cfg!(debug_assertions).to_string()),
                ("os".into(), std::env::consts::OS.into()),
            ],
            process: true,
            sources: Vec::new(),
            keep_on_reset: keep.map(|name| Matcher::Full(name.into())).into(),
            clock: quanta::Clock::new(),
        }
    }
}

impl RecorderBuilder {
    /// Whether names get their unit and counters `_total`, where they lack them. Default: yes.
    pub fn recommended_naming(mut self, on: bool) -> Self {
        self.recommended_naming = on;
        self
    }

    /// Upper bounds for every histogram that no other rule is for, in the metric's unit.
    ///
    /// Default: [`LATENCY_BUCKETS`] for names that end in `_seconds` or are described in seconds.
    /// All others are summaries, as metrics-exporter-prometheus has it.
    pub fn default_buckets(mut self, bounds: &[f64]) -> Self {
        self.default_buckets = Some(bounds.to_vec());
        self
    }

    /// Upper bounds for the histograms that `matcher` matches; the order and +Inf do not matter.
    ///
    /// Names are matched with `_` for every character that Prometheus does not allow, and without
    /// the unit and `_total` that are added. Of several matchers a full match counts before a
    /// prefix, a prefix before a suffix.
    pub fn buckets_for(mut self, matcher: Matcher, bounds: &[f64]) -> Self {
        self.buckets.push((matcher, bounds.to_vec()));
        self
    }

    /// Shows the histograms that `matcher` matches as summaries.
    pub fn summary_for(mut self, matcher: Matcher) -> Self {
        self.summaries.push(matcher);
        self
    }

    /// The quantiles of summaries, between 0 and 1. Default: 0, 0.5, 0.9, 0.95, 0.99, 0.999, 1.
    pub fn quantiles(mut self, quantiles: &[f64]) -> Self {
        self.quantiles = quantiles.to_vec();
        self
    }

    /// Quantiles look at the last `count` windows of this length. Default: three of 20 s.
    pub fn summary_windows(mut self, count: NonZeroU32, length: Duration) -> Self {
        (self.windows, self.window) = (count, length);
        self
    }

    /// A label of every series that has none of this name.
    pub fn global_label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.global_labels.push((name.into(), value.into()));
        self
    }

    /// Hides series of these kinds that were not written to for so long, whole seconds, as far as
    /// scrapes can tell.
    ///
    /// A hidden series is shown again, with its value, when it is written to. It is dropped, and
    /// starts from zero if it ever comes back, only once nobody holds a handle of it. Default:
    /// nothing is hidden.
    pub fn idle_timeout(mut self, kinds: MetricKindMask, timeout: Option<Duration>) -> Self {
        self.idle = IdlePolicy::new(kinds, timeout);
        self
    }

    /// How many series there may be; further ones record nothing and are counted in
    /// `admin_metrics_refused_total`.
    ///
    /// A counter takes about 300 bytes and its labels three times. Default: 2,000,000.
    pub fn series_limit(mut self, limit: usize) -> Self {
        self.series_limit = limit;
        self
    }

    /// Adds a label to `admin_build_info`, such as the application's version or its commit.
    pub fn build_info(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.build_info.retain(|(known, _)| *known != name);
        self.build_info.push((name, value.into()));
        self
    }

    /// Whether `process_*` is shown. Default: yes.
    pub fn process_metrics(mut self, on: bool) -> Self {
        self.process = on;
        self
    }

    /// Shows the metrics of another registry too, such as a `PrometheusHandle` of
    /// metrics-exporter-prometheus.
    pub fn source(mut self, source: impl Source + 'static) -> Self {
        self.sources.push(Arc::new(source));
        self
    }

    /// Leaves metrics that show a state, not a sum, alone when everything else is reset; matched
    /// with the shown name.
    ///
    /// Default: `periodic_thread_active` and `periodic_thread_last_run_timestamp_seconds`.
    pub fn keep_on_reset(mut self, matcher: Matcher) -> Self {
        self.keep_on_reset.push(matcher);
        self
    }

    /// The clock that idle times are measured with.
    #[cfg(test)]
    pub(crate) fn clock(mut self, clock: quanta::Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Makes the recorder without installing it: to be one of several in metrics-util's
    /// `FanoutBuilder`, or to show nothing but sources. Hand it to the server with
    /// [`MetricsConfig`](super::MetricsConfig).
    ///
    /// # Errors
    ///
    /// If bounds, quantiles or windows are unusable.
    pub fn build(self) -> Result<Recorder, BuildError> {
        if let Some(quantile) = self.quantiles.iter().find(|q| !(0.0..=1.0).contains(*q)) {
            return Err(BuildError::Quantile {
                quantile: *quantile,
            });
        }
        if self.window.is_zero() {
            return Err(BuildError::Window);
        }
        let summary = SummarySpec {
            quantiles: Arc::new(parse_quantiles(&self.quantiles)),
            window: self.window,
            windows: self.windows,
        };
        let default = match &self.default_buckets {
            Some(bounds) => Some(histogram("every histogram", bounds)?),
            None => None,
        };
        let mut overrides = Vec::new();
        for (matcher, bounds) in self.buckets {
            let shape = histogram(&format!("{matcher:?}"), &bounds)?;
            overrides.push((matcher, shape));
        }
        overrides.extend(
            self.summaries
                .into_iter()
                .map(|m| (m, Shape::Summary(summary.clone()))),
        );
        let rules = Rules {
            recommended_naming: self.recommended_naming,
            global_labels: self.global_labels,
            shapes: Shapes::new(overrides, default, summary),
        };
        Ok(Recorder::from_parts(Parts {
            catalog: Catalog::new(rules),
            idle: self.idle,
            clock: self.clock,
            series_limit: self.series_limit,
            build_info: self.build_info,
            process: self.process,
            sources: self.sources,
            keep_on_reset: self.keep_on_reset,
        }))
    }

    /// Makes the recorder and installs it as the one of this process. Do so first thing in `main`.
    ///
    /// Handles that were taken from the facade before lead nowhere for ever; that is the facade's
    /// rule. Handles taken afterwards work on every thread and survive every reset.
    ///
    /// # Errors
    ///
    /// If a setting is unusable or the process has a recorder already.
    pub fn install(self) -> Result<Recorder, InstallError> {
        let recorder = self.build().map_err(InstallError::Build)?;
        metrics::set_global_recorder(recorder.clone()).map_err(|_| InstallError::Occupied {
            ours: Recorder::installed().is_some(),
        })?;
        recorder.set_installed();
        tracing::info!(
            "metrics recorder installed; handles taken before now lead nowhere for ever"
        );
        Ok(recorder)
    }
}

fn histogram(matcher: &str, bounds: &[f64]) -> Result<Shape, BuildError> {
    match Bounds::new(bounds) {
        Ok(bounds) => Ok(Shape::Histogram(Arc::new(bounds))),
        Err(super::buckets::NoBounds) => Err(BuildError::Buckets {
            matcher: matcher.to_owned(),
            bounds: bounds.to_vec(),
        }),
    }
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
