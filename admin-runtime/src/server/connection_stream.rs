//! The stream of one connection, whose socket can be watched while hyper has it.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::connection_table::ConnectionState;
use crate::limits::Limits;

/// Bytes that are discarded at once.
const DISCARD_BUFFER_BYTES: usize = 64 << 10;

/// What hyper reads from and writes to. Dropping it shuts down the sending side.
pub(super) struct ConnectionStream {
    read: Arc<OwnedReadHalf>,
    write: OwnedWriteHalf,
    state: Arc<ConnectionState>,
}

/// The receiving side of the same connection.
pub(super) struct ConnectionSocket(Arc<OwnedReadHalf>);

impl ConnectionStream {
    pub(super) fn new(stream: TcpStream, state: Arc<ConnectionState>) -> (Self, ConnectionSocket) {
        let (read, write) = stream.into_split();
        let read = Arc::new(read);
        let socket = ConnectionSocket(Arc::clone(&read));
        (Self { read, write, state }, socket)
    }
}

impl ConnectionSocket {
    /// Returns when the client has reset the connection. The end of what it sends is not a reset.
    pub(super) async fn reset(&self) {
        // An error of the driver is one of the connection too.
        let _ = self.0.ready(Interest::ERROR).await;
    }

    /// Reads and discards, within the limits, what the client still sends: closing a socket with
    /// unread bytes resets it, and the client would lose the reply.
    pub(super) async fn drain(&self, limits: &Limits) {
        let _ =
            tokio::time::timeout(limits.drain_timeout, self.discard(limits.max_drain_bytes)).await;
    }

    async fn discard(&self, max_bytes: usize) -> io::Result<()> {
        let mut buffer = vec![0; DISCARD_BUFFER_BYTES];
        let mut discarded = 0;
        while discarded < max_bytes {
            self.0.readable().await?;
            match self.0.try_read(&mut buffer) {
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
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let stream: &TcpStream = (*self.read).as_ref();
        loop {
            ready!(stream.poll_read_ready(context))?;
            match stream.try_read_buf(buffer) {
                Ok(count) => {
                    if count > 0 {
                        self.state.received();
                    }
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for ConnectionStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.write).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.write).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.write.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.write).poll_flush(context);
        if flushed.is_ready() {
            self.state.written();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.write).poll_shutdown(context)
    }
}
