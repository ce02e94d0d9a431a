//! Metrics that are kept elsewhere and shown on `/metrics` beside the recorder's own.

use std::fmt;

use metrics_exporter_prometheus::PrometheusHandle;

/// Metrics of another registry in this process.
///
/// Families of one name are merged: the recorder's own samples come first, a sample that is there
/// already is not shown again, and a family of another kind than the first of its name is left out
/// and counted in `admin_metrics_conflicts`.
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
    /// What operators call it; it stands in the answer of a reset that is refused.
    fn name(&self) -> &str;

    /// Everything it has, in the text format 0.0.4. Called on a thread that may block.
    fn render(&self) -> String;

    /// Whether [`reset`](Self::reset) does anything. If not, `POST /metrics/reset` answers 409 and
    /// resets nothing.
    fn can_reset(&self) -> bool {
        false
    }

    /// Puts everything it has back to zero. Called on a thread that may block.
    fn reset(&self) {}
}

impl fmt::Debug for dyn Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.name())
    }
}

/// An application that already runs metrics-exporter-prometheus hands over its handle. It has no
/// way to be reset.
impl Source for PrometheusHandle {
    fn name(&self) -> &str {
        "metrics-exporter-prometheus"
    }

    fn render(&self) -> String {
        PrometheusHandle::render(self)
    }
}
