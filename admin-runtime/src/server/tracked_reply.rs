//! A reply body that reports its end, and is sent in parts.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::connection_table::ConnectionState;

/// What is copied at once: a small reply is written with its head, and a large one needs little memory for it.
const MAX_PART_BYTES: usize = 128 << 10;

/// The body of one reply on a connection, sent or abandoned when it is dropped.
pub(super) struct TrackedReply<B> {
    body: B,
    /// Of the last frame of the body.
    rest: Bytes,
    state: Arc<ConnectionState>,
}

impl<B> TrackedReply<B> {
    pub(super) fn new(body: B, state: Arc<ConnectionState>) -> Self {
        Self {
            body,
            rest: Bytes::new(),
            state,
        }
    }

    /// The beginning of these bytes, whose rest is kept.
    fn part_of(&mut self, mut bytes: Bytes) -> Frame<Bytes> {
        let part = bytes.split_to(MAX_PART_BYTES.min(bytes.len()));
        if !bytes.is_empty() {
            self.state.unwritten_part().begin();
        }
        self.rest = bytes;
        Frame::data(part)
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for TrackedReply<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        if !self.rest.is_empty() {
            ready!(self.state.unwritten_part().poll_written(context));
            let rest = std::mem::take(&mut self.rest);
            return Poll::Ready(Some(Ok(self.part_of(rest))));
        }
        let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            ended => return Poll::Ready(ended),
        };
        let part = frame.into_data().map(|data| self.part_of(data));
        Poll::Ready(Some(Ok(part.unwrap_or_else(|trailers| trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    /// Of the whole body: it is asked before the first part.
    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let body = self.body.size_hint();
        let mut whole = SizeHint::new();
        if let Some(upper) = body.upper() {
            whole.set_upper(upper.saturating_add(rest));
        }
        whole.set_lower(body.lower().saturating_add(rest));
        whole
    }
}

impl<B> Drop for TrackedReply<B> {
    fn drop(&mut self) {
        self.state.end_reply();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use http_body_util::{BodyExt, Full};

    use super::*;
    use crate::server::connection_table::ConnectionTable;

    #[tokio::test]
    async fn large_replies_wait_for_each_part() {
        let open = ConnectionTable::new(1).place().await;
        let bytes: Vec<u8> = (0..300_000_u32).map(|number| number as u8).collect();
        let body = Full::new(Bytes::from(bytes.clone()));
        let mut reply = TrackedReply::new(body, Arc::clone(open.state()));
        let mut sent = Vec::new();
        for left in [300_000 - (128 << 10), 300_000 - (256 << 10), 0] {
            let part = reply.frame().now_or_never().flatten();
            sent.extend(part.expect("a part").unwrap().into_data().unwrap());
            assert_eq!(reply.size_hint().exact(), Some(left));
            assert_eq!(reply.is_end_stream(), left == 0);
            if left > 0 {
                assert!(reply.frame().now_or_never().is_none(), "not written yet");
                open.state().written();
            }
        }
        assert_eq!(sent, bytes);
        assert!(reply.frame().await.is_none());
    }

    #[tokio::test]
    async fn small_replies_are_not_parted() {
        let open = ConnectionTable::new(1).place().await;
        let body = Full::new(Bytes::from(vec![7; MAX_PART_BYTES]));
        let mut reply = TrackedReply::new(body, Arc::clone(open.state()));
        let part = reply.frame().await.expect("a frame").unwrap();
        assert_eq!(part.data_ref().map(Bytes::len), Some(MAX_PART_BYTES));
        assert!(reply.is_end_stream());
    }
}
