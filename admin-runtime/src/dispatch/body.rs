//! Reading a body, bounded while it is read.

use std::pin::pin;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures_util::future::poll_immediate;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;

use crate::limits::Limits;
use crate::response::AdminError;

/// Frames without data of one body, empty ones and trailers: 400 beyond.
const MAX_FRAMES_WITHOUT_DATA: usize = 1024;

/// Refuses a body that is announced too long.
pub(super) fn check_announced(limits: &Limits, headers: &HeaderMap) -> Result<(), AdminError> {
    let max_bytes = limits.max_body_bytes;
    let announced = headers.get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > max_bytes as u64) {
        return Err(too_long(max_bytes));
    }
    Ok(())
}

/// Reads a whole body, within the limits, also one that is not kept: no handler runs for a request
/// that was cut off.
pub(super) async fn read_body<B: Body>(
    limits: &Limits,
    body: B,
    is_kept: bool,
) -> Result<Bytes, AdminError> {
    let timeout = limits.body_read_timeout;
    let mut collected = pin!(collect(body, limits.max_body_bytes, is_kept));
    // Most bodies of requests without one end at once, and need no timer.
    if let Some(read) = poll_immediate(collected.as_mut()).await {
        return read;
    }
    match tokio::time::timeout(timeout, collected).await {
        Ok(read) => read,
        Err(_) => Err(AdminError::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("The body did not arrive within {timeout:?}"),
        )),
    }
}

/// All bytes of a body, or none if they are not kept; 413 as soon as one byte is too many.
///
/// They are copied: a chunk of one byte would otherwise keep a whole read buffer.
async fn collect<B: Body>(body: B, max_bytes: usize, is_kept: bool) -> Result<Bytes, AdminError> {
    let mut body = pin!(body);
    let mut kept = BytesMut::new();
    let mut read_bytes = 0;
    let mut frames_without_data = 0;
    loop {
        // A body that is always ready would otherwise block the thread, and the timeout with it.
        tokio::task::consume_budget().await;
        let Some(frame) = body.frame().await else {
            return Ok(kept.freeze());
        };
        let frame = frame.map_err(|_| {
            AdminError::bad_request("The body ended early or is not valid HTTP/1.1")
        })?;
        match frame.into_data() {
            Ok(chunk) if chunk.has_remaining() => {
                if chunk.remaining() > max_bytes - read_bytes {
                    return Err(too_long(max_bytes));
                }
                read_bytes += chunk.remaining();
                if is_kept {
                    kept.reserve(chunk.remaining());
                    kept.put(chunk);
                }
            }
            _ => {
                frames_without_data += 1;
                if frames_without_data > MAX_FRAMES_WITHOUT_DATA {
                    return Err(AdminError::bad_request(format!(
                        "The body has more than {MAX_FRAMES_WITHOUT_DATA} frames without data"
                    )));
                }
            }
        }
    }
}

fn too_long(max_bytes: usize) -> AdminError {
    AdminError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("The body is longer than {max_bytes} bytes"),
    )
}
