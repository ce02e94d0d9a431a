//! A request body that reports its progress and its end.

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::connection_phase::AwaitedAction;
use super::connection_table::ConnectionState;

/// Bytes after which a client counts as one that has not paused, however long they took. A few now and then
/// count as a pause, unless they are as many as a body needs to be in time.
const PROGRESS_BYTES: usize = 4096;

/// The body of one request on a connection.
pub(super) struct TrackedBody<B: Body<Data = Bytes> + Unpin> {
    body: B,
    is_read: bool,
    has_failed: bool,
    /// Whether the connection waits for its client.
    is_awaited: bool,
    /// Since it does.
    received_bytes: usize,
    min_bytes_per_second: u32,
    state: Arc<ConnectionState>,
    progress: Arc<BodyProgress>,
}

/// What became of the body of the last request of a connection.
#[derive(Debug, Default)]
pub(super) struct BodyProgress(AtomicU8);

/// Whether a body was read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RestOfBody {
    Read,
    /// It was dropped before its end.
    Unread,
    /// It is invalid, or it was dropped while the client was to send more.
    Failed,
}

impl BodyProgress {
    pub(super) fn rest(&self) -> RestOfBody {
        match self.0.load(Ordering::Relaxed) {
            0 => RestOfBody::Read,
            1 => RestOfBody::Unread,
            _ => RestOfBody::Failed,
        }
    }

    fn set(&self, rest: RestOfBody) {
        let number = match rest {
            RestOfBody::Read => 0,
            RestOfBody::Unread => 1,
            RestOfBody::Failed => 2,
        };
        self.0.store(number, Ordering::Relaxed);
    }
}

impl<B: Body<Data = Bytes> + Unpin> TrackedBody<B> {
    /// `progress` is set now, and when the body is dropped.
    pub(super) fn new(
        body: B,
        min_bytes_per_second: u32,
        state: Arc<ConnectionState>,
        progress: Arc<BodyProgress>,
    ) -> Self {
        progress.set(RestOfBody::Read);
        Self {
            is_read: body.is_end_stream(),
            has_failed: false,
            body,
            is_awaited: false,
            received_bytes: 0,
            min_bytes_per_second,
            state,
            progress,
        }
    }

    fn record_pending(&mut self) {
        if !self.is_awaited {
            self.is_awaited = true;
            self.state.wait_for(AwaitedAction::SendBody);
        }
    }

    fn record_frame(&mut self, frame: &Frame<Bytes>) {
        self.received_bytes += frame.data_ref().map_or(0, Bytes::len);
        if !self.is_awaited {
            return;
        }
        let waited = self.state.waited();
        if self.received_bytes >= PROGRESS_BYTES
            || is_in_time(self.received_bytes, waited, self.min_bytes_per_second)
        {
            self.received_bytes = 0;
            self.state.wait_for(AwaitedAction::SendBody);
        }
    }

    /// False if the connection was closed just before.
    fn end_waiting(&mut self) -> bool {
        let was_awaited = mem::take(&mut self.is_awaited);
        !was_awaited || self.state.continue_unless_closing()
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for TrackedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Pending => self.record_pending(),
            Poll::Ready(Some(Ok(frame))) => self.record_frame(frame),
            Poll::Ready(ended) => {
                self.is_read |= ended.is_none();
                self.has_failed |= ended.is_some();
                if !self.end_waiting() {
                    // The connection was chosen to make room: the handler must not begin.
                    return Poll::Pending;
                }
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B: Body<Data = Bytes> + Unpin> Drop for TrackedBody<B> {
    fn drop(&mut self) {
        let has_failed = self.has_failed || self.is_awaited;
        self.end_waiting();
        if !self.is_read && !self.body.is_end_stream() {
            self.progress.set(if has_failed {
                RestOfBody::Failed
            } else {
                RestOfBody::Unread
            });
        }
    }
}

/// Whether a client sends as fast as it has to.
fn is_in_time(bytes: usize, waited: Duration, min_bytes_per_second: u32) -> bool {
    bytes as f64 >= waited.as_secs_f64() * f64::from(min_bytes_per_second)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::mpsc::{Sender, TryRecvError, channel};

    use futures_util::FutureExt;
    use futures_util::stream::{BoxStream, StreamExt, poll_fn};
    use http_body_util::{BodyExt, StreamBody};

    use super::*;
    use crate::server::connection_phase::{ConnectionPhase, Turn};
    use crate::server::connection_table::{ConnectionTable, OpenConnection};

    /// So that no bytes are in time.
    const MIN_BYTES_PER_SECOND: u32 = u32::MAX;

    type Part = Result<Frame<Bytes>, Infallible>;
    type Sent = TrackedBody<StreamBody<BoxStream<'static, Part>>>;

    /// A connection whose body is sent in parts.
    async fn begun() -> (OpenConnection, Sender<Part>, Sent) {
        let open = ConnectionTable::new(1).place().await;
        assert!(open.state().begin_request());
        let (sender, receiver) = channel();
        let frames = poll_fn(move |_| match receiver.try_recv() {
            Ok(frame) => Poll::Ready(Some(frame)),
            Err(TryRecvError::Empty) => Poll::Pending,
            Err(TryRecvError::Disconnected) => Poll::Ready(None),
        });
        let state = Arc::clone(open.state());
        let body = StreamBody::new(frames.boxed());
        let body = TrackedBody::new(body, MIN_BYTES_PER_SECOND, state, Arc::default());
        (open, sender, body)
    }

    fn turn(open: &OpenConnection) -> Option<Turn> {
        match open.state().phase() {
            ConnectionPhase::Waiting(AwaitedAction::SendBody, turn) => Some(turn),
            _ => None,
        }
    }

    fn send(sender: &Sender<Part>, count: usize) {
        let frame = Frame::data(vec![0; count].into());
        sender.send(Ok(frame)).unwrap();
    }

    #[test]
    fn bytes_that_suffice_are_in_time() {
        for (bytes, millis, expected) in [
            (1, 0, true),
            (1, 2, true),
            (1, 3, false),
            (199, 400, false),
            (200, 400, true),
        ] {
            let waited = Duration::from_millis(millis);
            assert_eq!(
                is_in_time(bytes, waited, 500),
                expected,
                "{bytes} in {waited:?}"
            );
        }
    }

    #[tokio::test]
    async fn only_many_bytes_renew_the_turn() {
        let (open, sender, mut body) = begun().await;
        assert_eq!(turn(&open), None);
        assert!(body.frame().now_or_never().is_none());
        let first = turn(&open).expect("it waits");
        for _ in 0..3 {
            send(&sender, PROGRESS_BYTES / 4);
            assert!(body.frame().now_or_never().is_some());
            assert!(body.frame().now_or_never().is_none());
            assert_eq!(turn(&open), Some(first));
        }
        send(&sender, PROGRESS_BYTES / 4);
        assert!(body.frame().now_or_never().is_some());
        assert!(turn(&open) > Some(first));
        drop(sender);
        assert!(body.frame().await.is_none());
        assert!(open.state().is_in_progress());
        drop(body);
    }

    #[tokio::test]
    async fn a_dropped_body_is_no_longer_awaited() {
        let (open, _sender, mut body) = begun().await;
        assert!(body.frame().now_or_never().is_none());
        assert!(turn(&open).is_some());
        drop(body);
        assert!(open.state().is_in_progress());
    }

    #[tokio::test]
    async fn a_closed_connection_has_no_whole_body() {
        let (open, sender, mut body) = begun().await;
        assert!(body.frame().now_or_never().is_none());
        open.state().close();
        drop(sender);
        assert!(body.frame().now_or_never().is_none());
    }
}
