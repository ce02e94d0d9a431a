//! The route.

use super::asking_server::AskingServer;
use super::capturer::{self, CaptureError};
use super::query::{MOST_FRAMES, Query};
use super::report::Report;
use super::text::Layout;
use crate::format::Format;
use admin_runtime::{AdminError, Param, Response, admin_endpoint};

/// How many frames of each stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frames(usize);

impl Param for Frames {
    const EXPECTED: &'static str = "an integer from 1 to 256";
    const JSON_TYPE: &'static str = "integer";

    fn parse(text: &str) -> Option<Self> {
        text.parse()
            .ok()
            .filter(|count| (1..=MOST_FRAMES).contains(count))
            .map(Self)
    }
}

/// Get information about active threads with optional filtering.
///
/// One block per thread of the process: its name, kernel id, state, what it waits for, and its
/// stack. Blocked threads are not disturbed; running ones are held up for some microseconds.
#[admin_endpoint(path = "/threads", runtime = "admin")]
async fn threads(
    /// Only threads whose name contains this, in any case.
    name: Option<String>,
    /// Only the thread with this kernel id.
    thread_id: Option<u64>,
    /// `text` or `json`.
    format: Option<Format>,
    /// Show threads with identical stacks once, with their number.
    group: Option<bool>,
    /// At most this many frames per thread, up to 256.
    frames: Option<Frames>,
    /// Show the frames of the standard library and the async runtime too.
    full: Option<bool>,
    server: AskingServer,
) -> Result<Response, AdminError> {
    let frames = frames.map_or(MOST_FRAMES, |Frames(count)| count);
    let layout = Layout {
        group: group.unwrap_or(false),
        full: full.unwrap_or(false),
    };
    let format = format.unwrap_or_default();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // Laying out a thousand stacks takes milliseconds: it is done where they were taken.
    let query = Query {
        name,
        thread_id,
        frames,
    };
    capturer::submit(query, server, move |result| {
        let answer = result
            .map_err(error)
            .and_then(|report| answer(&report, layout, format));
        // A client that went away no longer wants it.
        let _ = sender.send(answer);
    })
    .map_err(error)?;
    receiver
        .await
        .unwrap_or_else(|_| Err(error(CaptureError::Failed)))
}

fn answer(report: &Report, layout: Layout, format: Format) -> Result<Response, AdminError> {
    match format {
        Format::Text => Ok(Response::text(report.text(layout))),
        Format::Json => Ok(Response::bytes("application/json", report.json(layout)?)),
    }
}

fn error(error: CaptureError) -> AdminError {
    match error {
        CaptureError::Busy => AdminError::unavailable(error.to_string()),
        _ => AdminError::internal(error),
    }
}
