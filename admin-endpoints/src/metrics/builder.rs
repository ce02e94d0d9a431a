//! Builds and installs a recorder.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use admin_runtime::build_info::BuildInfo;
use metrics_exporter_prometheus::Matcher;
use metrics_util::{MetricKindMask, parse_quantiles};

use super::buckets::{BucketBounds, DistributionKind, DistributionRules, InvalidBounds};
use super::catalog::{Catalog, CatalogConfig};
use super::error::{InstallError, RecorderBuildError};
use super::idle::IdlePolicy;
use super::recorder::{Recorder, RecorderSettings};
use super::source::Source;
use super::summary::SummarySpec;
use crate::executable::executable_name;

/// Longest time that the windows of a summary cover together.
const MAX_SUMMARY_TIME: Duration = Duration::from_secs(366 * 24 * 3600);

/// Settings of a [`Recorder`]. Each has a default.
///
/// ```standalone_crate
/// use admin_endpoints::metrics::{Matcher, Recorder};
///
/// let recorder = Recorder::builder()
///     .buckets_for(Matcher::Suffix("_bytes".into()), &[1024.0, 1048576.0])
///     .global_label("zone", "eu-1")
///     .build_info("commit", "1f40c2e")
///     .process_metrics(false)
///     .series_limit(100_000)
///     .max_source_bytes(4 * 1024 * 1024)
///     .install()?;
/// metrics::histogram!("block_bytes").record(4096.0);
/// let text = recorder.render();
/// assert!(text.contains("block_bytes_bucket{zone=\"eu-1\",le=\"1048576\"} 1\n"));
/// assert!(text.contains("commit=\"1f40c2e\""));
/// # Ok::<(), admin_endpoints::metrics::InstallError>(())
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
    max_source_bytes: usize,
    keep_on_reset: Vec<Matcher>,
    clock: quanta::Clock,
}

/// The gauges of `admin-runtime`: each is set when its state changes, so that 0 would stay wrong.
const STATE_GAUGES: [&str; 8] = [
    "admin_tls_client_ca_not_after_seconds",
    "admin_tls_not_after_seconds",
    "admin_user_runtime_blocked",
    "admin_user_runtime_threads",
    "health_check_healthy",
    "periodic_thread_active",
    "periodic_thread_fault",
    "periodic_thread_last_run_timestamp_seconds",
];

impl Default for RecorderBuilder {
    fn default() -> Self {
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
            build_info: build_labels(),
            process: true,
            sources: Vec::new(),
            max_source_bytes: 16 * 1024 * 1024,
            keep_on_reset: STATE_GAUGES.map(|name| Matcher::Full(name.into())).into(),
            clock: quanta::Clock::new(),
        }
    }
}

/// The labels of `build_info`; one that is unknown is empty.
fn build_labels() -> Vec<(String, String)> {
    let build = BuildInfo::linked();
    let name = build.name.map(str::to_owned).or_else(executable_name);
    let version = build.version.unwrap_or_default().to_owned();
    let revision = build.git.unwrap_or_default().to_owned();
    vec![
        ("name".into(), name.unwrap_or_default()),
        ("version".into(), version),
        ("revision".into(), revision),
    ]
}

impl Recorder {
    /// A builder with the default settings.
    pub fn builder() -> RecorderBuilder {
        RecorderBuilder::default()
    }
}

impl RecorderBuilder {
    /// Whether units and, for counters, `_total` are added to names. Default: yes.
    ///
    /// ```
    /// use admin_endpoints::metrics::Recorder;
    ///
    /// for (enabled, line) in [(true, "hits_total 1\n"), (false, "hits 1\n")] {
    ///     let recorder = Recorder::builder().recommended_naming(enabled).build()?;
    ///     metrics::with_local_recorder(&recorder, || metrics::counter!("hits").increment(1));
    ///     assert!(recorder.render().contains(line));
    /// }
    /// # Ok::<(), admin_endpoints::metrics::RecorderBuildError>(())
    /// ```
    pub fn recommended_naming(mut self, enabled: bool) -> Self {
        self.recommended_naming = enabled;
        self
    }

    /// Bucket bounds for every histogram without a rule of its own, in the unit of the metric.
    ///
    /// Default: [`LATENCY_BUCKETS`](super::LATENCY_BUCKETS) for names that end in `_seconds` and
    /// metrics described in seconds. All others are summaries, as in metrics-exporter-prometheus.
    ///
    /// ```
    /// use admin_endpoints::metrics::Recorder;
    ///
    /// let recorder = Recorder::builder().default_buckets(&[10.0, 100.0]).build()?;
    /// metrics::with_local_recorder(&recorder, || metrics::histogram!("batch").record(32.0));
    /// assert!(recorder.render().contains(
    ///     "batch_bucket{le=\"10\"} 0\nbatch_bucket{le=\"100\"} 1\nbatch_bucket{le=\"+Inf\"} 1\n"
    /// ));
    /// # Ok::<(), admin_endpoints::metrics::RecorderBuildError>(())
    /// ```
    pub fn default_buckets(mut self, bounds: &[f64]) -> Self {
        self.default_buckets = Some(bounds.to_vec());
        self
    }

    /// Bucket bounds for the histograms that `matcher` matches, in any order; +Inf is implied.
    ///
    /// Matchers apply to the name with `_` for every character that Prometheus does not allow,
    /// before the unit is added. A full match takes precedence over a prefix, a prefix over a
    /// suffix.
    pub fn buckets_for(mut self, matcher: Matcher, bounds: &[f64]) -> Self {
        self.buckets.push((matcher, bounds.to_vec()));
        self
    }

    /// Shows the histograms that `matcher` matches as summaries.
    ///
    /// ```
    /// use admin_endpoints::metrics::{Matcher, Recorder};
    ///
    /// let matcher = Matcher::Full("load_seconds".into());
    /// let recorder = Recorder::builder().summary_for(matcher).build()?;
    /// metrics::with_local_recorder(&recorder, || metrics::histogram!("load_seconds").record(0.25));
    /// let text = recorder.render();
    /// assert!(text.contains("# TYPE load_seconds summary\n"));
    /// assert!(text.contains("load_seconds_sum 0.25\nload_seconds_count 1\n"));
    /// # Ok::<(), admin_endpoints::metrics::RecorderBuildError>(())
    /// ```
    pub fn summary_for(mut self, matcher: Matcher) -> Self {
        self.summaries.push(matcher);
        self
    }

    /// The quantiles of summaries, between 0 and 1. Default: 0, 0.5, 0.9, 0.95, 0.99, 0.999, 1.
    ///
    /// ```
    /// use admin_endpoints::metrics::Recorder;
    ///
    /// let recorder = Recorder::builder().quantiles(&[0.5, 0.99]).build()?;
    /// metrics::with_local_recorder(&recorder, || metrics::histogram!("batch").record(32.0));
    /// let text = recorder.render();
    /// assert!(text.contains("batch{quantile=\"0.99\"}"));
    /// assert_eq!(text.matches("quantile=").count(), 2);
    /// # Ok::<(), admin_endpoints::metrics::RecorderBuildError>(())
    /// ```
    pub fn quantiles(mut self, quantiles: &[f64]) -> Self {
        self.quantiles = quantiles.to_vec();
        self
    }

    /// Quantiles cover the last `count` windows of this length, together at most a year. Default:
    /// three of 20 s.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use std::time::Duration;
    ///
    /// use admin_endpoints::metrics::{RecorderBuildError, Recorder};
    ///
    /// // The last five minutes, in steps of one minute.
    /// let count = NonZeroU32::new(5).ok_or("not zero")?;
    /// let recorder = Recorder::builder().summary_windows(count, Duration::from_secs(60)).build();
    /// assert!(recorder.is_ok());
    /// let recorder = Recorder::builder().summary_windows(count, Duration::ZERO).build();
    /// assert_eq!(recorder.unwrap_err(), RecorderBuildError::InvalidWindows);
    /// # Ok::<(), &str>(())
    /// ```
    pub fn summary_windows(mut self, count: NonZeroU32, length: Duration) -> Self {
        (self.windows, self.window) = (count, length);
        self
    }

    /// Adds a label to every series that has no label with this name.
    pub fn global_label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.global_labels.push((name.into(), value.into()));
        self
    }

    /// Hides series of these kinds after this time without an update, in whole seconds and with the
    /// resolution of scrapes.
    ///
    /// A hidden series is shown again, with its value, after the next update. A hidden series
    /// without handles is removed; if it is registered again, it starts from zero. Default: nothing
    /// is hidden.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use admin_endpoints::metrics::{MetricKindMask, Recorder};
    ///
    /// // Gauges and histograms are hidden after an hour; counters are not.
    /// let recorder = Recorder::builder()
    ///     .idle_timeout(
    ///         MetricKindMask::GAUGE | MetricKindMask::HISTOGRAM,
    ///         Some(Duration::from_secs(3600)),
    ///     )
    ///     .build()?;
    /// metrics::with_local_recorder(&recorder, || metrics::gauge!("queue", "tenant" => "a").set(3));
    /// assert!(recorder.render().contains("queue{tenant=\"a\"} 3\n"));
    /// # Ok::<(), admin_endpoints::metrics::RecorderBuildError>(())
    /// ```
    pub fn idle_timeout(mut self, kinds: MetricKindMask, timeout: Option<Duration>) -> Self {
        self.idle = IdlePolicy::new(kinds, timeout);
        self
    }

    /// Maximum number of series. Further ones record nothing and are counted in
    /// `admin_metrics_rejected_total`.
    ///
    /// A counter takes about 300 bytes and twice the size of its labels. Default: 2,000,000.
    pub fn series_limit(mut self, limit: usize) -> Self {
        self.series_limit = limit;
        self
    }

    /// Maximum size of the text of each source, in bytes. A source with more makes `GET /metrics` a
    /// 503 with the reason.
    ///
    /// A scrape keeps up to eight times the text in memory until it is sent. Default: 16 MiB.
    pub fn max_source_bytes(mut self, bytes: usize) -> Self {
        self.max_source_bytes = bytes;
        self
    }

    /// Adds a label to the metric `build_info`, or replaces one: it has `name`, `version` and `revision`,
    /// which [`build_info!`](admin_runtime::build_info!) sets.
    pub fn build_info(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.build_info.retain(|(known, _)| *known != name);
        self.build_info.push((name, value.into()));
        self
    }

    /// Whether the `process_*` metrics are shown. Default: yes.
    pub fn process_metrics(mut self, enabled: bool) -> Self {
        self.process = enabled;
        self
    }

    /// Includes the metrics of another registry, such as a `PrometheusHandle` of
    /// metrics-exporter-prometheus.
    ///
    /// ```
    /// use admin_endpoints::metrics::Recorder;
    /// use metrics_exporter_prometheus::PrometheusBuilder;
    ///
    /// let exporter = PrometheusBuilder::new().build_recorder();
    /// metrics::with_local_recorder(&exporter, || metrics::counter!("hits_total").increment(2));
    ///
    /// let recorder = Recorder::builder().source(exporter.handle()).build()?;
    /// assert!(recorder.render().contains("hits_total 2\n"));
    /// # Ok::<(), admin_endpoints::metrics::RecorderBuildError>(())
    /// ```
    pub fn source(mut self, source: impl Source + 'static) -> Self {
        self.sources.push(Arc::new(source));
        self
    }

    /// Excludes metrics from resets, such as gauges that show a state. Matchers apply to the name in
    /// the exposition.
    ///
    /// Default: the gauges of the server, which show a state and are set when it changes: `health_check_healthy`,
    /// `periodic_thread_active`, `periodic_thread_fault`, `periodic_thread_last_run_timestamp_seconds`,
    /// `admin_user_runtime_blocked`, `admin_user_runtime_threads`, `admin_tls_not_after_seconds` and
    /// `admin_tls_client_ca_not_after_seconds`.
    ///
    /// ```
    /// use admin_endpoints::metrics::{Matcher, Recorder};
    ///
    /// let recorder = Recorder::builder().keep_on_reset(Matcher::Prefix("open_".into())).build()?;
    /// metrics::with_local_recorder(&recorder, || {
    ///     metrics::gauge!("open_files").set(3);
    ///     metrics::counter!("hits_total").increment(2);
    /// });
    /// recorder.reset()?;
    /// assert!(recorder.render().contains("hits_total 0\n"));
    /// assert!(recorder.render().contains("open_files 3\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn keep_on_reset(mut self, matcher: Matcher) -> Self {
        self.keep_on_reset.push(matcher);
        self
    }

    /// The clock for idle times.
    #[cfg(test)]
    pub(super) fn clock(mut self, clock: quanta::Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Builds the recorder without installing it, for example to combine several with
    /// `FanoutBuilder` of metrics-util, or to show sources only. Pass it to the server with
    /// [`MetricsConfig`](super::MetricsConfig).
    ///
    /// # Errors
    ///
    /// If bucket bounds, quantiles or summary windows are invalid.
    ///
    /// ```
    /// use admin_endpoints::metrics::Recorder;
    ///
    /// let recorder = Recorder::builder().build()?;
    /// metrics::with_local_recorder(&recorder, || metrics::counter!("hits_total").increment(2));
    /// assert!(recorder.render().contains("hits_total 2\n"));
    /// assert!(Recorder::installed().is_none());
    /// # Ok::<(), admin_endpoints::metrics::RecorderBuildError>(())
    /// ```
    pub fn build(self) -> Result<Recorder, RecorderBuildError> {
        if let Some(quantile) = self.quantiles.iter().find(|q| !(0.0..=1.0).contains(*q)) {
            return Err(RecorderBuildError::InvalidQuantile {
                quantile: *quantile,
            });
        }
        let covered = self.window.checked_mul(self.windows.get());
        if self.window.is_zero() || covered.is_none_or(|covered| covered > MAX_SUMMARY_TIME) {
            return Err(RecorderBuildError::InvalidWindows);
        }
        let summary = SummarySpec {
            quantiles: Arc::new(parse_quantiles(&self.quantiles)),
            window: self.window,
            windows: self.windows,
        };
        let default = match &self.default_buckets {
            Some(bounds) => Some(histogram_kind("every histogram", bounds)?),
            None => None,
        };
        let mut overrides = Vec::new();
        for (matcher, bounds) in self.buckets {
            let kind = histogram_kind(&format!("{matcher:?}"), &bounds)?;
            overrides.push((matcher, kind));
        }
        for matcher in self.summaries {
            overrides.push((matcher, DistributionKind::Summary(summary.clone())));
        }
        let config = CatalogConfig {
            recommended_naming: self.recommended_naming,
            global_labels: self.global_labels,
            distributions: DistributionRules::new(overrides, default, summary),
        };
        Ok(Recorder::from_settings(RecorderSettings {
            catalog: Catalog::new(config),
            idle: self.idle,
            clock: self.clock,
            series_limit: self.series_limit,
            build_info: self.build_info,
            process: self.process,
            sources: self.sources,
            max_source_bytes: self.max_source_bytes,
            keep_on_reset: self.keep_on_reset,
        }))
    }

    /// Builds the recorder and installs it in the process. Call this first in `main`.
    ///
    /// Metrics handles that were created before record nothing, as with every recorder of the
    /// facade. Handles that are created afterwards work on every thread and remain valid after a
    /// reset.
    ///
    /// # Errors
    ///
    /// If a setting is invalid or a recorder is already installed.
    pub fn install(self) -> Result<Recorder, InstallError> {
        let recorder = self.build().map_err(InstallError::Build)?;
        metrics::set_global_recorder(recorder.clone()).map_err(|_| {
            if Recorder::installed().is_some() {
                InstallError::AlreadyInstalled
            } else {
                InstallError::OtherRecorderInstalled
            }
        })?;
        recorder.set_installed();
        tracing::info!(
            "metrics recorder installed; metrics handles created earlier record nothing"
        );
        Ok(recorder)
    }
}

fn histogram_kind(matcher: &str, bounds: &[f64]) -> Result<DistributionKind, RecorderBuildError> {
    match BucketBounds::new(bounds) {
        Ok(bounds) => Ok(DistributionKind::Histogram(Arc::new(bounds))),
        Err(InvalidBounds) => Err(RecorderBuildError::InvalidBuckets {
            matcher: matcher.to_owned(),
            bounds: bounds.to_vec(),
        }),
    }
}
