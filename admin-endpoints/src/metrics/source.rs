//! Metrics of other registries that `/metrics` includes.

use std::fmt;

use metrics_exporter_prometheus::PrometheusHandle;

/// Metrics of another registry in this process.
///
/// Families of one name are merged. The recorder's own samples are first; repeated samples are left
/// out. A family whose type differs from that of the first one with its name is left out and counted
/// in `admin_metrics_conflicts`.
///
/// ```
/// use admin_endpoints::metrics::{Recorder, Source};
/// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
///
/// struct Legacy(AtomicU64);
///
/// impl Source for Legacy {
///     fn name(&self) -> &str { "legacy" }
///     fn render(&self) -> String { format!("# TYPE jobs counter\njobs {}\n", self.0.load(Relaxed)) }
///     fn can_reset(&self) -> bool { true }
///     fn reset(&self) { self.0.store(0, Relaxed) }
/// }
///
/// let recorder = Recorder::builder().source(Legacy(AtomicU64::new(7))).build()?;
/// assert!(recorder.render().contains("jobs 7\n"));
/// recorder.reset()?;
/// assert!(recorder.render().contains("jobs 0\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Source: Send + Sync {
    /// Name for operators, as in the error of a rejected reset.
    fn name(&self) -> &str;

    /// All metrics in the text format 0.0.4. Called on a thread that may block. The text is kept in
    /// memory until it is sent.
    fn render(&self) -> String;

    /// Whether [`reset`](Self::reset) is supported. If not, `POST /metrics/reset` replies with 409
    /// and resets nothing.
    fn can_reset(&self) -> bool {
        false
    }

    /// Sets all metrics to zero. Called on a thread that may block.
    fn reset(&self) {}
}

impl fmt::Debug for dyn Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.name())
    }
}

/// The metrics of metrics-exporter-prometheus, which cannot be reset.
impl Source for PrometheusHandle {
    fn name(&self) -> &str {
        "metrics-exporter-prometheus"
    }

    fn render(&self) -> String {
        PrometheusHandle::render(self)
    }
}
