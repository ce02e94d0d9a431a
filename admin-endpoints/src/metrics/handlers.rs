//! The two routes: thin, and never blocking the thread they are on.

use admin_runtime::{
    AdminError, Audit, Caller, Config, EndpointStatus, Headers, RequestContext, Response,
    admin_endpoint,
};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderValue, VARY};
use tokio::task::spawn_blocking;

use super::encoding::{accepts_gzip, is_local};
use super::recorder::Recorder;
use super::reset::{ResetError, ResetReport};
use super::stream::Chunks;

/// What the body is. OpenMetrics it is not, whatever the client would rather have.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What `main` lacks when there is nothing to show.
const NO_RECORDER: &str = "No metrics recorder is installed; add \
    `admin_endpoints::metrics::install()?;` as the first line of main";

/// Settings of `/metrics` and `/metrics/reset`: `builder().config(MetricsConfig { .. })`.
///
/// ```
/// use admin_endpoints::metrics::{MetricsConfig, Recorder};
/// use admin_runtime::AdminServer;
///
/// // One recorder of several, or one that only shows sources: built, not installed.
/// let recorder = Recorder::builder().build()?;
/// let builder = AdminServer::builder().config(MetricsConfig { recorder: Some(recorder) });
/// # Ok::<(), admin_endpoints::metrics::BuildError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MetricsConfig {
    /// The recorder that is shown. Default: the one that [`install`](super::install) put into the
    /// process.
    pub recorder: Option<Recorder>,
}

impl MetricsConfig {
    fn recorder(&self) -> Result<Recorder, AdminError> {
        self.recorder
            .as_ref()
            .or_else(|| Recorder::installed())
            .cloned()
            .ok_or_else(|| AdminError::not_implemented(NO_RECORDER))
    }
}

/// What the index says of both routes.
fn recorder(request: &RequestContext) -> EndpointStatus {
    let config = request.config::<MetricsConfig>().unwrap_or_default();
    let recorder = match config.recorder() {
        Ok(_) => "installed",
        Err(_) => NO_RECORDER,
    };
    EndpointStatus::new().with("recorder", recorder)
}

/// Get all metrics in the Prometheus text format.
///
/// Families are sorted by name and series by labels. The body is streamed. It is compressed with
/// gzip if the client asks for that from another machine.
#[admin_endpoint(path = "/metrics", runtime = "admin", status = "recorder")]
async fn metrics(
    config: Config<MetricsConfig>,
    headers: Headers,
    caller: Caller,
) -> Result<Response, AdminError> {
    let recorder = config.recorder()?;
    // Listing new series and asking sources takes as long as there are many of them.
    let turn = recorder.turn().await;
    let scrape = spawn_blocking(move || {
        let scrape = recorder.scrape();
        drop(turn);
        scrape
    })
    .await?;
    let accepted = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let gzip = !is_local(caller.peer()) && accepts_gzip(accepted);
    let reply = Response::stream(TEXT_FORMAT, Chunks::new(scrape, gzip))
        .with_header(VARY, HeaderValue::from_static("accept-encoding"));
    Ok(match gzip {
        true => reply.with_header(CONTENT_ENCODING, HeaderValue::from_static("gzip")),
        false => reply,
    })
}

/// Reset all metrics to their initial state.
///
/// Counters and gauges read 0 and histograms and summaries are empty afterwards; what is recorded
/// from then on counts. If a source of metrics cannot be reset, nothing is and the answer is 409.
#[admin_endpoint(
    method = "POST",
    path = "/metrics/reset",
    effect = "write",
    runtime = "admin",
    status = "recorder"
)]
async fn reset_metrics(
    config: Config<MetricsConfig>,
    audit: Audit,
) -> Result<&'static str, AdminError> {
    let recorder = config.recorder()?;
    let turn = recorder.turn().await;
    let outcome = spawn_blocking(move || {
        let outcome = recorder.reset();
        drop(turn);
        outcome
    })
    .await?;
    match outcome {
        Ok(ResetReport { series, .. }) => {
            audit.change("recorded values", format!("0 in {series} series"));
            Ok("ok")
        }
        Err(error @ ResetError::Source { .. }) => Err(AdminError::conflict(error.to_string())),
        Err(error @ ResetError::Busy { .. }) => {
            audit.change("recorded values", error.to_string());
            Err(AdminError::unavailable(error.to_string()))
        }
    }
}
