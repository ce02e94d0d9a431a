//! A body that reports whether it was read to its end.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

/// The body of one request on a connection.
pub(crate) struct TrackedBody {
    body: Incoming,
    is_read: bool,
    unread: Arc<AtomicBool>,
}

impl TrackedBody {
    /// `unread` becomes true if the body is dropped before its end, and false now.
    pub(crate) fn new(body: Incoming, unread: Arc<AtomicBool>) -> Self {
        unread.store(false, Ordering::Relaxed);
        Self {
            is_read: body.is_end_stream(),
            body,
            unread,
        }
    }
}

impl Body for TrackedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        self.is_read |= matches!(polled, Poll::Ready(None));
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for TrackedBody {
    fn drop(&mut self) {
        if !self.is_read && !self.body.is_end_stream() {
            self.unread.store(true, Ordering::Relaxed);
        }
    }
}
