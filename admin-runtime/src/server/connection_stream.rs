//! The stream of one connection, whose socket can be watched while hyper has it.

use std::io::{self, ErrorKind, IoSlice};
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::connection_table::ConnectionState;
use crate::limits::Limits;

/// Bytes that are discarded at once.
const DISCARD_BUFFER_BYTES: usize = 64 << 10;

/// What hyper reads from and writes to. Dropping it shuts down the sending side.
pub(super) struct ConnectionStream {
    /// Owned whole: its `poll_read` knows that a short read has emptied the socket.
    read: OwnedReadHalf,
    write: Arc<OwnedWriteHalf>,
    state: Arc<ConnectionState>,
}

/// The same connection, to watch and to drain.
pub(super) struct ConnectionSocket(Arc<OwnedWriteHalf>);

impl ConnectionStream {
    pub(super) fn new(stream: TcpStream, state: Arc<ConnectionState>) -> (Self, ConnectionSocket) {
        let (read, write) = stream.into_split();
        let write = Arc::new(write);
        let socket = ConnectionSocket(Arc::clone(&write));
        (Self { read, write, state }, socket)
    }

    fn stream(&self) -> &TcpStream {
        (*self.write).as_ref()
    }

    fn poll_when_writable(
        &self,
        context: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream().poll_write_ready(context))?;
            match write(self.stream()) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    fn shut_down_sending(&self) -> io::Result<()> {
        SockRef::from(self.stream()).shutdown(Shutdown::Write)
    }
}

impl Drop for ConnectionStream {
    fn drop(&mut self) {
        // A connection that was reset cannot be shut down.
        let _ = self.shut_down_sending();
    }
}

impl ConnectionSocket {
    fn stream(&self) -> &TcpStream {
        (*self.0).as_ref()
    }

    /// Returns when the client has reset the connection. The end of what it sends is not a reset.
    pub(super) async fn reset(&self) {
        // An error of the driver is one of the connection too.
        let _ = self.stream().ready(Interest::ERROR).await;
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
            self.stream().readable().await?;
            match self.stream().try_read(&mut buffer) {
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
        let read = Pin::new(&mut self.read).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.state.received();
        }
        read
    }
}

impl AsyncWrite for ConnectionStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_when_writable(context, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_when_writable(context, |stream| stream.try_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.write.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.state.written();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.shut_down_sending())
    }
}
