//! The route.

use admin_runtime::{AdminError, HeaderValue, Param, Response, admin_endpoint, header};
use tokio::sync::oneshot;

use super::dump_context::DumpContext;
use super::error::CaptureError;
use super::query::{MAX_FRAMES, Query};
use super::render::Layout;
use super::report::Report;
use super::worker;
use crate::format::Format;

/// The maximum number of frames per stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FrameCount(usize);

impl Param for FrameCount {
    const EXPECTED: &'static str = "an integer from 1 to 256";
    const JSON_TYPE: &'static str = "integer";

    fn parse(text: &str) -> Option<Self> {
        text.parse()
            .ok()
            .filter(|count| (1..=MAX_FRAMES).contains(count))
            .map(Self)
    }
}

/// Get information about active threads with optional filtering.
///
/// One block per thread of the process: its name, kernel ID, state, what it waits for, and its
/// stack. Blocked threads are not disturbed; running threads are interrupted for some microseconds.
/// A name of more than 15 bytes is shown whole if it was registered with `thread_names`.
#[admin_endpoint(
    path = "/threads",
    runtime = "admin",
    produces = "text/plain; charset=utf-8, application/json",
    resource = "worker::keep_thread"
)]
async fn threads(
    /// Only threads whose name contains this, in any case.
    name: Option<String>,
    /// Only the thread with this kernel ID.
    thread_id: Option<u64>,
    /// `text` or `json`.
    format: Option<Format>,
    /// Show threads with identical stacks once, with their number.
    group: Option<bool>,
    /// At most this many frames per thread, up to 256.
    frames: Option<FrameCount>,
    /// Also show the frames of the standard library and the async runtime.
    full: Option<bool>,
    context: DumpContext,
) -> Result<Response, AdminError> {
    let layout = Layout::default()
        .with_group(group.unwrap_or(false))
        .with_full(full.unwrap_or(false));
    let format = format.unwrap_or_default();
    let query = Query {
        name,
        thread_id,
        max_frames: frames.map_or(MAX_FRAMES, |FrameCount(count)| count),
    };

    let (sender, receiver) = oneshot::channel();
    // Rendering a thousand stacks takes milliseconds, so that the dump thread does it.
    worker::submit(query, context, move |result| {
        let response = result
            .map_err(error_response)
            .and_then(|report| response(&report, layout, format));
        // The receiver is gone if the client has disconnected.
        let _ = sender.send(response);
    })
    .map_err(error_response)?;
    receiver
        .await
        .unwrap_or_else(|_| Err(error_response(CaptureError::Internal)))
}

fn response(report: &Report, layout: Layout, format: Format) -> Result<Response, AdminError> {
    match format {
        Format::Text => Ok(Response::text(report.to_text(layout))),
        Format::Json => Ok(Response::bytes("application/json", report.to_json(layout)?)),
    }
}

fn error_response(error: CaptureError) -> AdminError {
    match error {
        CaptureError::Internal => AdminError::internal(error),
        _ => AdminError::unavailable(error.to_string())
            .with_header(header::RETRY_AFTER, HeaderValue::from_static("1")),
    }
}
