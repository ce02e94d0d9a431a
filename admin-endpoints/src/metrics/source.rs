//! Metrics of other registries that `/metrics` includes.

use std::fmt;
use std::io::{self, Write};

use metrics_exporter_prometheus::PrometheusHandle;

/// Metrics of another registry in this process.
///
/// Families of one name are merged. The recorder's own samples are first; repeated samples are left
/// out. A family whose type differs from that of the first one with its name is left out and counted
/// in `admin_metrics_conflicts`.
///
/// ```
/// use admin_endpoints::metrics::{Recorder, Source};
/// use std::io::{self, Write};
/// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
///
/// struct Legacy(AtomicU64);
///
/// impl Source for Legacy {
///     fn name(&self) -> &str { "legacy" }
///     fn write(&self, out: &mut dyn Write) -> io::Result<()> {
///         write!(out, "# TYPE jobs counter\njobs {}\n", self.0.load(Relaxed))
///     }
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

    /// All metrics in the text format 0.0.4, as one text.
    ///
    /// Implement this or [`write`](Self::write), which needs less memory. Only the default of `write`
    /// calls it; its own default is an empty text.
    fn render(&self) -> String {
        String::new()
    }

    /// Writes all metrics in the text format 0.0.4, in pieces of any size. The default writes the text
    /// of [`render`](Self::render).
    ///
    /// Called on a thread that may block. An error makes `GET /metrics` a 503 with its text, as does
    /// a text beyond [`max_source_bytes`](super::RecorderBuilder::max_source_bytes).
    ///
    /// # Errors
    ///
    /// Those of `out`, which accepts nothing after one, and those of the source.
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.render().as_bytes())
    }

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

    fn write(&self, mut out: &mut dyn Write) -> io::Result<()> {
        self.render_to_write(&mut out)
    }
}
