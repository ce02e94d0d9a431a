//! What carries the bytes of a connection: its socket, or TLS over it.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
#[cfg(feature = "tls")]
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::server_socket::{AcceptedSocket, ReadHalf, WriteHalf};

/// Both halves of a socket.
#[derive(Debug)]
pub(super) struct SocketIo {
    read: ReadHalf,
    write: Arc<WriteHalf>,
    reading: Arc<ReadProgress>,
}

/// Whether bytes were read from a socket by who has not yet come back to wait for more, as in a handshake
/// of TLS and before the plain text of a record is passed on.
#[derive(Debug, Default)]
pub(super) struct ReadProgress(AtomicBool);

impl ReadProgress {
    pub(super) fn is_reading(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What hyper's bytes go through.
pub(super) enum Transport {
    Plain(SocketIo),
    /// Boxed, so that a connection without TLS is not larger.
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream<SocketIo>>),
}

impl SocketIo {
    pub(super) fn new(socket: AcceptedSocket) -> Self {
        let (read, write) = socket.into_split();
        Self {
            read,
            write,
            reading: Arc::default(),
        }
    }

    pub(super) fn socket(&self) -> &Arc<WriteHalf> {
        &self.write
    }

    pub(super) fn reading(&self) -> &Arc<ReadProgress> {
        &self.reading
    }

    /// The first byte that the client sends, which stays to be read; `None` if it sends none.
    #[cfg(feature = "tls")]
    pub(super) async fn first_byte(&mut self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        let count = self.read.peek(&mut byte).await?;
        Ok(byte[..count].first().copied())
    }
}

impl Transport {
    /// The server's side of a TLS handshake, and the certificates of the client.
    ///
    /// # Errors
    ///
    /// What went wrong; the client has been told, as far as it reads.
    #[cfg(feature = "tls")]
    pub(super) async fn accept_tls(
        io: SocketIo,
        config: Arc<rustls::ServerConfig>,
    ) -> io::Result<(Self, Option<rustls::pki_types::CertificateDer<'static>>)> {
        let stream = TlsAcceptor::from(config).accept(io).await?;
        let certificates = stream.get_ref().1.peer_certificates();
        let own = certificates.and_then(<[_]>::first).cloned();
        let own = own.map(rustls::pki_types::CertificateDer::into_owned);
        Ok((Self::Tls(Box::new(stream)), own))
    }

    /// The socket below, to be watched while hyper has the transport.
    pub(super) fn socket(&self) -> &Arc<WriteHalf> {
        match self {
            Self::Plain(io) => &io.write,
            #[cfg(feature = "tls")]
            Self::Tls(tls) => &tls.get_ref().0.write,
        }
    }

    pub(super) fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(io) => Pin::new(io).poll_read(context, buffer),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => Pin::new(tls).poll_read(context, buffer),
        }
    }

    pub(super) fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(io) => Pin::new(io).poll_write(context, bytes),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => Pin::new(tls).poll_write(context, bytes),
        }
    }

    pub(super) fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(io) => Pin::new(io).poll_write_vectored(context, slices),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => Pin::new(tls).poll_write_vectored(context, slices),
        }
    }

    /// Writes what TLS has kept.
    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(io) => Pin::new(io).poll_flush(context),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => Pin::new(tls).poll_flush(context),
        }
    }

    pub(super) fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(io) => Pin::new(io).poll_shutdown(context),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(context),
        }
    }

    /// Writes a reply instead of hyper, which has ended, and ends what is sent.
    pub(super) async fn write_last(&mut self, mut reply: &[u8]) -> io::Result<()> {
        while !reply.is_empty() {
            let count = poll_fn(|context| self.poll_write(context, reply)).await?;
            reply = &reply[count..];
        }
        // TLS writes what it has kept, and tells the client that this is the end.
        poll_fn(|context| self.poll_shutdown(context)).await
    }
}

impl AsyncRead for SocketIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Before the bytes leave the socket.
        self.reading.0.store(true, Ordering::SeqCst);
        let polled = Pin::new(&mut self.read).poll_read(context, buffer);
        if polled.is_pending() {
            self.reading.0.store(false, Ordering::SeqCst);
        }
        polled
    }
}

impl AsyncWrite for SocketIo {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write
            .poll_when_writable(context, |half| half.try_write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write
            .poll_when_writable(context, |half| half.try_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.write.shut_down_sending())
    }
}
