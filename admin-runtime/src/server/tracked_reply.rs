//! A reply body that reports its end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};

use super::connection_table::ConnectionState;

/// The body of one reply on a connection, sent or abandoned when it is dropped.
pub(super) struct TrackedReply<B> {
    body: B,
    state: Arc<ConnectionState>,
}

impl<B> TrackedReply<B> {
    pub(super) fn new(body: B, state: Arc<ConnectionState>) -> Self {
        Self { body, state }
    }
}

impl<B: Body + Unpin> Body for TrackedReply<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for TrackedReply<B> {
    fn drop(&mut self) {
        self.state.end_reply();
    }
}
