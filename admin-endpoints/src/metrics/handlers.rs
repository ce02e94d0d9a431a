//! The routes `/metrics` and `/metrics/reset`.

use std::sync::Arc;

use admin_runtime::describe::{EndpointStatus, ResourceContext};
use admin_runtime::health::HealthChecks;
use admin_runtime::{
    AdminError, Audit, Caller, Config, Headers, RequestContext, Response, admin_endpoint,
};
use http::header::{CONTENT_ENCODING, HeaderValue, VARY};

use super::body::ScrapeBody;
use super::compression::use_gzip;
use super::recorder::Recorder;
use super::reset::ResetError;
use super::worker::WorkerError;

/// The text format 0.0.4. Prometheus rejects it under the media type of OpenMetrics.
const TEXT_FORMAT_CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Reply and status without a recorder.
const NO_RECORDER_MESSAGE: &str = "No metrics recorder is installed; add \
    `admin_endpoints::metrics::install()?;` as the first line of main";

/// Settings of `/metrics` and `/metrics/reset`: `builder().config(MetricsConfig::new(recorder))`.
///
/// Default: the recorder that [`install`](super::install) installed in the process.
///
/// ```
/// use admin_endpoints::metrics::{MetricsConfig, Recorder};
/// use admin_runtime::AdminServer;
///
/// // One of several recorders, or one that shows sources only, is built but not installed.
/// let recorder = Recorder::builder().build()?;
/// let builder = AdminServer::builder().config(MetricsConfig::new(recorder));
/// # Ok::<(), admin_endpoints::metrics::RecorderBuildError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct MetricsConfig {
    recorder: Option<Recorder>,
}

impl MetricsConfig {
    /// Serves this recorder instead of the installed one.
    pub fn new(recorder: Recorder) -> Self {
        Self {
            recorder: Some(recorder),
        }
    }

    fn recorder(&self) -> Result<Recorder, AdminError> {
        self.recorder
            .as_ref()
            .or_else(|| Recorder::installed())
            .cloned()
            .ok_or_else(|| AdminError::not_implemented(NO_RECORDER_MESSAGE))
    }
}

fn worker_failure(error: WorkerError) -> AdminError {
    match error {
        WorkerError::Spawn(_) | WorkerError::Busy => AdminError::unavailable(error.to_string()),
        WorkerError::Panicked => AdminError::internal(error),
    }
}

/// Keeps the thread of a recorder while a server runs.
struct KeptMetricsThread {
    config: Arc<MetricsConfig>,
    /// `None` if there was no recorder when the server started.
    recorder: Option<Recorder>,
}

impl Drop for KeptMetricsThread {
    fn drop(&mut self) {
        if let Some(recorder) = &self.recorder {
            recorder.worker().release_thread();
        } else if let Ok(recorder) = self.config.recorder() {
            // It was installed later, and a request has started its thread.
            recorder.worker().end_unless_kept();
        }
    }
}

/// The resource of both routes.
fn keep_thread(context: &ResourceContext<'_>) -> Result<KeptMetricsThread, WorkerError> {
    let config = context.config::<MetricsConfig>().unwrap_or_default();
    let recorder = config.recorder().ok();
    if let Some(recorder) = &recorder {
        recorder.worker().keep_thread()?;
    }
    Ok(KeptMetricsThread { config, recorder })
}

/// The status of both routes in the index.
fn recorder(request: &RequestContext) -> EndpointStatus {
    let config = request.config::<MetricsConfig>().unwrap_or_default();
    let recorder = match config.recorder() {
        Ok(_) => "installed",
        Err(_) => NO_RECORDER_MESSAGE,
    };
    EndpointStatus::new().with("recorder", recorder)
}

/// Get all metrics in the Prometheus text format.
///
/// Families are sorted by name and series by labels. The body is streamed. It is compressed with
/// gzip if a client on another machine accepts that.
#[admin_endpoint(
    path = "/metrics",
    runtime = "admin",
    produces = "text/plain; version=0.0.4; charset=utf-8",
    status = "recorder",
    resource = "keep_thread"
)]
async fn metrics(
    config: Config<MetricsConfig>,
    headers: Headers,
    caller: Caller,
    checks: HealthChecks,
) -> Result<Response, AdminError> {
    let recorder = config.recorder()?;
    let is_unix_peer = caller.uid().is_some();
    let gzip = !is_unix_peer && use_gzip(&headers, caller.peer());
    let source = recorder.clone();
    let body = recorder
        .worker()
        .run(move || {
            checks.record_metrics();
            ScrapeBody::start(source.scrape(), gzip)
        })
        .await
        .map_err(worker_failure)?
        .map_err(|error| AdminError::unavailable(error.to_string()))?;
    let reply = Response::stream(TEXT_FORMAT_CONTENT_TYPE, body)
        .with_header(VARY, HeaderValue::from_static("accept-encoding"));
    Ok(if gzip {
        reply.with_header(CONTENT_ENCODING, HeaderValue::from_static("gzip"))
    } else {
        reply
    })
}

/// Reset all metrics to their initial state.
///
/// Counters and gauges are set to 0, histograms and summaries to empty. If a metrics source cannot
/// be reset, nothing is reset and the reply is 409.
#[admin_endpoint(
    method = "POST",
    path = "/metrics/reset",
    effect = "write",
    runtime = "admin",
    status = "recorder",
    resource = "keep_thread"
)]
async fn reset_metrics(
    config: Config<MetricsConfig>,
    audit: Audit,
) -> Result<&'static str, AdminError> {
    let recorder = config.recorder()?;
    let target = recorder.clone();
    let outcome = recorder.worker().run(move || target.reset()).await;
    match outcome.map_err(worker_failure)? {
        Ok(report) => {
            audit.change("recorded values", format!("0 in {} series", report.series));
            Ok("ok")
        }
        Err(error @ ResetError::UnsupportedBySource { .. }) => {
            Err(AdminError::conflict(error.to_string()))
        }
        Err(error @ ResetError::HistogramBusy { .. }) => {
            audit.change("recorded values", error.to_string());
            Err(AdminError::unavailable(error.to_string()))
        }
    }
}
