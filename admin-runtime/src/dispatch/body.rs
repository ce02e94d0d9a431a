//! Reading a body, bounded while it is read.

use std::pin::pin;

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use http::StatusCode;

use crate::response::AdminError;

pub(crate) fn too_long(limit: usize) -> AdminError {
    AdminError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("The body is longer than {limit} bytes"),
    )
}

/// All bytes of a body; 413 as soon as one byte is too many.
pub(crate) async fn collect<B: Buf, E>(
    body: impl Stream<Item = Result<B, E>>,
    limit: usize,
) -> Result<Bytes, AdminError> {
    let mut body = pin!(body);
    let mut read = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| AdminError::bad_request("The body ended early"))?;
        if read.len() + chunk.remaining() > limit {
            return Err(too_long(limit));
        }
        read.reserve(chunk.remaining());
        bytes::BufMut::put(&mut read, chunk);
    }
    Ok(read.freeze())
}
