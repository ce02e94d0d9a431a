//! A request body that reports its progress and its end.

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::connection_phase::AwaitedAction;
use super::connection_table::ConnectionState;
use super::unread_rest::UnreadRest;

/// Bytes after which a client counts as one that has not paused, however long they took. A few now and then
/// count as a pause, unless they are as many as a body needs to be in time.
const PROGRESS_BYTES: usize = 4096;

/// The body of one request on a connection.
pub(super) struct TrackedBody<B: Body<Data = Bytes> + Unpin> {
    /// `None` only while it is dropped.
    body: Option<B>,
    is_read: bool,
    has_failed: bool,
    /// Whether the connection waits for its client.
    is_awaited: bool,
    /// Since it does.
    received_bytes: usize,
    min_bytes_per_second: u32,
    state: Arc<ConnectionState>,
    rest: Arc<UnreadRest<B>>,
}

impl<B: Body<Data = Bytes> + Unpin> TrackedBody<B> {
    /// `rest` gets the body if it is dropped before its end.
    pub(super) fn new(
        body: B,
        min_bytes_per_second: u32,
        state: Arc<ConnectionState>,
        rest: Arc<UnreadRest<B>>,
    ) -> Self {
        rest.clear();
        Self {
            is_read: body.is_end_stream(),
            has_failed: false,
            body: Some(body),
            is_awaited: false,
            received_bytes: 0,
            min_bytes_per_second,
            state,
            rest,
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
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(context);
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
        self.body.as_ref().is_none_or(B::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, B::size_hint)
    }
}

impl<B: Body<Data = Bytes> + Unpin> Drop for TrackedBody<B> {
    fn drop(&mut self) {
        let has_failed = self.has_failed || self.is_awaited;
        self.end_waiting();
        if let Some(body) = self.body.take()
            && !self.is_read
            && !body.is_end_stream()
        {
            self.rest.set((!has_failed).then_some(body));
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
