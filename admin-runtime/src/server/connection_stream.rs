//! The stream of one connection, whose socket can be watched while hyper has it.

use std::io::{self, ErrorKind, IoSlice};
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::task::{Context, Poll};

use http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

use super::connection_phase::AwaitedAction;
use super::connection_table::ConnectionState;
use super::server_socket::{AcceptedSocket, ReadHalf, WriteHalf};
use crate::limits::Limits;

/// Bytes that are read at once: hyper's buffer grows with what was read before, and stays as large.
const MAX_READ_BYTES: usize = 16 << 10;

/// Bytes that are discarded at once.
const DISCARD_BUFFER_BYTES: usize = 64 << 10;

/// What hyper reads from and writes to. Dropping it shuts down the sending side.
pub(super) struct ConnectionStream {
    read: ReadHalf,
    write: Arc<WriteHalf>,
    state: Arc<ConnectionState>,
    /// Whether the client has not read what was to be written.
    is_blocked: bool,
    withheld: Arc<AtomicU16>,
}

/// The same connection, to watch, to refuse and to discard the rest.
pub(super) struct ConnectionSocket {
    write: Arc<WriteHalf>,
    withheld: Arc<AtomicU16>,
}

impl ConnectionStream {
    pub(super) fn new(
        socket: AcceptedSocket,
        state: Arc<ConnectionState>,
    ) -> (Self, ConnectionSocket) {
        let (read, write) = socket.into_split();
        let withheld = Arc::new(AtomicU16::new(0));
        let socket = ConnectionSocket {
            write: Arc::clone(&write),
            withheld: Arc::clone(&withheld),
        };
        let stream = Self {
            read,
            write,
            state,
            is_blocked: false,
            withheld,
        };
        (stream, socket)
    }

    /// Writes, and records for how long the client reads nothing.
    fn poll_recorded(
        &mut self,
        context: &mut Context<'_>,
        write: impl Fn(&WriteHalf) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let polled = self.write.poll_when_writable(context, write);
        let was_blocked = mem::replace(&mut self.is_blocked, polled.is_pending());
        if polled.is_pending() && !was_blocked && self.state.is_in_progress() {
            self.state.wait_for(AwaitedAction::ReadReply);
        } else if polled.is_ready() && was_blocked && self.state.awaits(AwaitedAction::ReadReply) {
            self.state.continue_unless_closing();
        }
        polled
    }

    /// Withholds a reply of hyper's own: it has no body and no id. hyper writes one only where a
    /// head is invalid, while no request is in progress.
    fn withhold(&self, bytes: &[u8]) -> bool {
        let is_withheld = self.state.awaits(AwaitedAction::SendHead);
        if is_withheld && let Some(status) = status_of(bytes) {
            self.withheld.store(status.as_u16(), Ordering::Relaxed);
        }
        is_withheld
    }
}

impl Drop for ConnectionStream {
    fn drop(&mut self) {
        // A connection that was reset cannot be shut down.
        let _ = self.write.shut_down_sending();
    }
}

/// The status of a reply, from its first line: `HTTP/1.1 400 Bad Request`.
fn status_of(reply: &[u8]) -> Option<StatusCode> {
    StatusCode::from_bytes(reply.get(9..12)?).ok()
}

impl ConnectionSocket {
    /// The status of a reply that was withheld.
    pub(super) fn withheld_status(&self) -> Option<StatusCode> {
        StatusCode::from_u16(self.withheld.load(Ordering::Relaxed)).ok()
    }

    /// Writes a reply instead of hyper, which has ended.
    pub(super) async fn write(&self, mut reply: &[u8]) -> io::Result<()> {
        while !reply.is_empty() {
            self.write.ready(Interest::WRITABLE).await?;
            match self.write.try_write(reply) {
                Ok(count) => reply = &reply[count..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Returns when the client has reset the connection. The end of what it sends is not a reset.
    pub(super) async fn reset(&self) {
        // An error of the driver is one of the connection too.
        let _ = self.write.ready(Interest::ERROR).await;
    }

    /// Reads and discards, within the limits, what the client still sends: closing a socket with
    /// unread bytes resets it, and the client would lose the reply.
    pub(super) async fn discard_rest(&self, limits: &Limits) {
        let _ = tokio::time::timeout(
            limits.discard_timeout,
            self.discard(limits.max_discard_bytes),
        )
        .await;
    }

    async fn discard(&self, max_bytes: usize) -> io::Result<()> {
        let mut buffer = vec![0; DISCARD_BUFFER_BYTES];
        let mut discarded = 0;
        while discarded < max_bytes {
            self.write.ready(Interest::READABLE).await?;
            match self.write.try_read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => discarded += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
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
            let read = Pin::new(&mut self.read).poll_read(context, &mut part);
            let count = part.filled().len();
            buffer.advance(count);
            read
        } else {
            Pin::new(&mut self.read).poll_read(context, buffer)
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
        self.poll_recorded(context, |half| half.try_write(bytes))
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
        self.poll_recorded(context, |half| half.try_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.state.written();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.withheld.load(Ordering::Relaxed) != 0 {
            // The reply follows.
            return Poll::Ready(Ok(()));
        }
        Poll::Ready(self.write.shut_down_sending())
    }
}
