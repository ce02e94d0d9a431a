//! How a recorder is set up, and how it is put into the process.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::Matcher;
use metrics_util::{MetricKindMask, parse_quantiles};

use super::buckets::{Bounds, Shape, Shapes};
use super::catalog::{Catalog, Rules};
use super::idle::IdlePolicy;
use super::recorder::{Parts, Recorder};
use super::setup_error::{BuildError, InstallError};
use super::source::Source;
use super::summary::SummarySpec;

/// Settings of a [`Recorder`]. Every one has a default.
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
    keep_on_reset: Vec<Matcher>,
    clock: quanta::Clock,
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
    ///
    /// ```
    /// use admin_endpoints::metrics::Recorder;
    ///
    /// for (on, line) in [(true, "hits_total 1\n"), (false, "hits 1\n")] {
    ///     let recorder = Recorder::builder().recommended_naming(on).build()?;
    ///     metrics::with_local_recorder(&recorder, || metrics::counter!("hits").increment(1));
    ///     assert!(recorder.render().contains(line));
    /// }
    /// # Ok::<(), admin_endpoints::metrics::BuildError>(())
    /// ```
    pub fn recommended_naming(mut self, on: bool) -> Self {
        self.recommended_naming = on;
        self
    }

    /// Upper bounds for every histogram that no other rule is for, in the metric's unit.
    ///
    /// Default: [`LATENCY_BUCKETS`](super::LATENCY_BUCKETS) for names that end in `_seconds` or are described in seconds.
    /// All others are summaries, as metrics-exporter-prometheus has it.
    ///
    /// ```
    /// use admin_endpoints::metrics::Recorder;
    ///
    /// let recorder = Recorder::builder().default_buckets(&[10.0, 100.0]).build()?;
    /// metrics::with_local_recorder(&recorder, || metrics::histogram!("batch").record(32.0));
    /// assert!(recorder.render().contains(
    ///     "batch_bucket{le=\"10\"} 0\nbatch_bucket{le=\"100\"} 1\nbatch_bucket{le=\"+Inf\"} 1\n"
    /// ));
    /// # Ok::<(), admin_endpoints::metrics::BuildError>(())
    /// ```
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
    /// # Ok::<(), admin_endpoints::metrics::BuildError>(())
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
    /// # Ok::<(), admin_endpoints::metrics::BuildError>(())
    /// ```
    pub fn quantiles(mut self, quantiles: &[f64]) -> Self {
        self.quantiles = quantiles.to_vec();
        self
    }

    /// Quantiles look at the last `count` windows of this length. Default: three of 20 s.
    ///
    /// ```
    /// use admin_endpoints::metrics::{BuildError, Recorder};
    /// use std::num::NonZeroU32;
    /// use std::time::Duration;
    ///
    /// // The last five minutes, minute by minute.
    /// let count = NonZeroU32::new(5).ok_or("not zero")?;
    /// let recorder = Recorder::builder().summary_windows(count, Duration::from_secs(60)).build();
    /// assert!(recorder.is_ok());
    /// let recorder = Recorder::builder().summary_windows(count, Duration::ZERO).build();
    /// assert_eq!(recorder.unwrap_err(), BuildError::Window);
    /// # Ok::<(), &str>(())
    /// ```
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
    ///
    /// ```
    /// use admin_endpoints::metrics::{MetricKindMask, Recorder};
    /// use std::time::Duration;
    ///
    /// // Gauges and histograms of a tenant that was gone for an hour are not shown; counters are.
    /// let recorder = Recorder::builder()
    ///     .idle_timeout(
    ///         MetricKindMask::GAUGE | MetricKindMask::HISTOGRAM,
    ///         Some(Duration::from_secs(3600)),
    ///     )
    ///     .build()?;
    /// metrics::with_local_recorder(&recorder, || metrics::gauge!("queue", "tenant" => "a").set(3));
    /// assert!(recorder.render().contains("queue{tenant=\"a\"} 3\n"));
    /// # Ok::<(), admin_endpoints::metrics::BuildError>(())
    /// ```
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
    /// # Ok::<(), admin_endpoints::metrics::BuildError>(())
    /// ```
    pub fn source(mut self, source: impl Source + 'static) -> Self {
        self.sources.push(Arc::new(source));
        self
    }

    /// Leaves metrics that show a state, not a sum, alone when everything else is reset; matched
    /// with the shown name.
    ///
    /// Default: `periodic_thread_active` and `periodic_thread_last_run_timestamp_seconds`.
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
    ///
    /// ```
    /// use admin_endpoints::metrics::Recorder;
    ///
    /// let recorder = Recorder::builder().build()?;
    /// metrics::with_local_recorder(&recorder, || metrics::counter!("hits_total").increment(2));
    /// assert!(recorder.render().contains("hits_total 2\n"));
    /// assert!(Recorder::installed().is_none());
    /// # Ok::<(), admin_endpoints::metrics::BuildError>(())
    /// ```
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
