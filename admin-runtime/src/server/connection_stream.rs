//! The stream of one connection, whose socket can be watched while hyper has it.

use std::io::{self, ErrorKind, IoSlice};
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

use super::connection_phase::AwaitedAction;
use super::connection_table::ConnectionState;
use super::server_socket::WriteHalf;
use super::transport::Transport;
use crate::limits::Limits;

/// Bytes that are read at once: hyper's buffer grows with what was read before, and stays as large.
const MAX_READ_BYTES: usize = 16 << 10;

/// Bytes that are discarded at once.
const DISCARD_BUFFER_BYTES: usize = 64 << 10;

/// What hyper reads from and writes to. Dropping it shuts down the sending side.
pub(super) struct ConnectionStream {
    transport: Transport,
    state: Arc<ConnectionState>,
    /// Whether the client has not read what was to be written.
    is_blocked: bool,
    is_shut_down: bool,
    /// Of a reply that is not written.
    withheld: Option<StatusCode>,
}

/// What a client sent that was not to be read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DiscardedRest {
    pub(super) bytes: usize,
    /// Whether the client had not ended before.
    pub(super) was_awaited: bool,
}

/// The socket of the same connection, to watch it and to discard the rest.
pub(super) struct ConnectionSocket(Arc<WriteHalf>);

impl ConnectionStream {
    pub(super) fn new(
        transport: Transport,
        state: Arc<ConnectionState>,
    ) -> (Self, ConnectionSocket) {
        let socket = ConnectionSocket(Arc::clone(transport.socket()));
        let stream = Self {
            transport,
            state,
            is_blocked: false,
            is_shut_down: false,
            withheld: None,
        };
        (stream, socket)
    }

    /// The status of a reply that was withheld.
    pub(super) fn withheld_status(&self) -> Option<StatusCode> {
        self.withheld
    }

    /// Writes a reply instead of hyper, which has ended.
    pub(super) async fn write_last(&mut self, reply: &[u8]) -> io::Result<()> {
        let written = self.transport.write_last(reply).await;
        self.is_shut_down = written.is_ok();
        written
    }

    /// Records for how long the client reads nothing.
    fn record_blocked(&mut self, is_blocked: bool) {
        let was_blocked = mem::replace(&mut self.is_blocked, is_blocked);
        if is_blocked && !was_blocked && self.state.is_in_progress() {
            self.state.wait_for(AwaitedAction::ReadReply);
        } else if !is_blocked && was_blocked && self.state.awaits(AwaitedAction::ReadReply) {
            self.state.continue_unless_closing();
        }
    }

    /// Withholds a reply of hyper's own: it has no body and no id. hyper writes one only where a
    /// head is invalid, while no request is in progress.
    fn withhold(&mut self, bytes: &[u8]) -> bool {
        let is_withheld = self.state.awaits(AwaitedAction::SendHead);
        if is_withheld {
            self.withheld = self.withheld.or_else(|| status_of(bytes));
        }
        is_withheld
    }
}

impl Drop for ConnectionStream {
    fn drop(&mut self) {
        if !self.is_shut_down {
            // A connection that was reset cannot be shut down.
            let _ = self.transport.socket().shut_down_sending();
        }
    }
}

/// The status of a reply, from its first line: `HTTP/1.1 400 Bad Request`.
fn status_of(reply: &[u8]) -> Option<StatusCode> {
    StatusCode::from_bytes(reply.get(9..12)?).ok()
}

impl ConnectionSocket {
    /// Of a connection without a stream: one that is refused before its first request.
    #[cfg(feature = "tls")]
    pub(super) fn new(socket: Arc<WriteHalf>) -> Self {
        Self(socket)
    }

    pub(super) fn socket(&self) -> &WriteHalf {
        &self.0
    }

    /// Reads and discards, within the limits, what the client still sends: closing a socket with
    /// unread bytes resets it, and the client would lose the reply.
    pub(super) async fn discard_rest(&self, limits: &Limits) -> DiscardedRest {
        let mut rest = DiscardedRest::default();
        let discarded = self.discard(limits.max_discard_bytes, &mut rest);
        let _ = tokio::time::timeout(limits.discard_timeout, discarded).await;
        rest
    }

    async fn discard(&self, max_bytes: usize, rest: &mut DiscardedRest) -> io::Result<()> {
        let mut buffer = Vec::with_capacity(DISCARD_BUFFER_BYTES);
        while rest.bytes < max_bytes {
            buffer.clear();
            match self.0.try_read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => rest.bytes += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    rest.was_awaited = true;
                    self.0.ready(Interest::READABLE).await?;
                }
                Err(error) => return Err(error),
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

impl AsyncRead for ConnectionStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = if buffer.remaining() > MAX_READ_BYTES {
            let mut part = ReadBuf::new(buffer.initialize_unfilled_to(MAX_READ_BYTES));
            let read = self.transport.poll_read(context, &mut part);
            let count = part.filled().len();
            buffer.advance(count);
            read
        } else {
            self.transport.poll_read(context, buffer)
        };
        if buffer.filled().len() > before {
            self.state.received();
        }
        read
    }
}

impl AsyncWrite for ConnectionStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.withhold(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let polled = self.transport.poll_write(context, bytes);
        self.record_blocked(polled.is_pending());
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = slices.first().map_or(&[][..], |slice| &**slice);
        if self.withhold(first) {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        let polled = self.transport.poll_write_vectored(context, slices);
        self.record_blocked(polled.is_pending());
        polled
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.transport.poll_flush(context);
        if flushed.is_pending() {
            self.record_blocked(true);
        }
        ready!(flushed)?;
        self.state.written();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.withheld.is_some() {
            // The reply follows.
            return Poll::Ready(Ok(()));
        }
        let shut_down = ready!(self.transport.poll_shutdown(context));
        self.is_shut_down = shut_down.is_ok();
        Poll::Ready(shut_down)
    }
}
