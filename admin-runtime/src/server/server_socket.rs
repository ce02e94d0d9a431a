//! The sockets of a server: those that listen, and those that were accepted.

#[cfg(feature = "tls")]
use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use socket2::SockRef;
use tokio::io::{AsyncRead, Interest, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixListener, UnixStream, tcp, unix};

use crate::listener::ListeningSocket;
use crate::request::Peer;

/// Connections that wait in the kernel to be accepted.
const BACKLOG: u32 = 1024;

/// What the kernel keeps for a client that does not read, beyond what the client's own kernel takes;
/// a write goes on when half of it is sent.
const MAX_UNSENT_BYTES: u32 = 128 << 10;

/// A socket that accepts.
#[derive(Debug)]
pub(super) enum ServerSocket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// A connection that was accepted.
#[derive(Debug)]
pub(super) enum AcceptedSocket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// The half of a connection that is read by one owner: its `poll_read` knows that a short read has
/// emptied the socket.
#[derive(Debug)]
pub(super) enum ReadHalf {
    Tcp(tcp::OwnedReadHalf),
    Unix(unix::OwnedReadHalf),
}

/// The other half, which is shared.
#[derive(Debug)]
pub(super) enum WriteHalf {
    Tcp(tcp::OwnedWriteHalf),
    Unix(unix::OwnedWriteHalf),
}

/// The uid that the program has now, as the kernel tells its peers. Called inside a runtime.
pub(super) fn own_uid() -> io::Result<u32> {
    let (one, _other) = UnixStream::pair()?;
    Ok(one.peer_cred()?.uid())
}

impl ServerSocket {
    /// Called inside the server's own runtime.
    ///
    /// A TCP socket of the program's own lets more connections wait in the kernel than the standard library
    /// does: those of a burst that do not fit are repeated by their clients after a second.
    pub(super) fn new(socket: ListeningSocket, is_inherited: bool) -> io::Result<Self> {
        match socket {
            ListeningSocket::Unix(listener) => UnixListener::from_std(listener).map(Self::Unix),
            ListeningSocket::Tcp(listener) => {
                // Its connections inherit it. A kernel without it only notices pauses later.
                let _ = SockRef::from(&listener).set_tcp_notsent_lowat(MAX_UNSENT_BYTES);
                if is_inherited {
                    return TcpListener::from_std(listener).map(Self::Tcp);
                }
                // `TcpSocket` takes a socket only as a stream.
                let stream = std::net::TcpStream::from(OwnedFd::from(listener));
                let listener = TcpSocket::from_std_stream(stream).listen(BACKLOG)?;
                Ok(Self::Tcp(listener))
            }
        }
    }

    pub(super) async fn accept(&self) -> io::Result<(AcceptedSocket, Peer)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                // Answers are small and whole: waiting to fill a packet only delays them. Where the
                // connection has ended already, its first read says so.
                let _ = stream.set_nodelay(true);
                Ok((AcceptedSocket::Tcp(stream), Peer::Address(peer)))
            }
            Self::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                let peer = Peer::User(stream.peer_cred()?.uid());
                Ok((AcceptedSocket::Unix(stream), peer))
            }
        }
    }

    pub(super) fn into_descriptor(self) -> io::Result<OwnedFd> {
        match self {
            Self::Tcp(listener) => Ok(listener.into_std()?.into()),
            Self::Unix(listener) => Ok(listener.into_std()?.into()),
        }
    }
}

impl AcceptedSocket {
    pub(super) fn into_split(self) -> (ReadHalf, Arc<WriteHalf>) {
        match self {
            Self::Tcp(stream) => {
                let (read, write) = stream.into_split();
                (ReadHalf::Tcp(read), Arc::new(WriteHalf::Tcp(write)))
            }
            Self::Unix(stream) => {
                let (read, write) = stream.into_split();
                (ReadHalf::Unix(read), Arc::new(WriteHalf::Unix(write)))
            }
        }
    }
}

#[cfg(feature = "tls")]
impl ReadHalf {
    /// Reads what stays to be read; nothing on a Unix socket.
    pub(super) async fn peek(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(half) => half.peek(buffer).await,
            Self::Unix(_) => Ok(0),
        }
    }
}

impl AsyncRead for ReadHalf {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Tcp(half) => Pin::new(half).poll_read(context, buffer),
            Self::Unix(half) => Pin::new(half).poll_read(context, buffer),
        }
    }
}

/// The stream of a half, whichever it is.
macro_rules! on_stream {
    ($half:expr, $stream:ident => $call:expr) => {
        match $half {
            WriteHalf::Tcp(half) => {
                let $stream: &TcpStream = half.as_ref();
                $call
            }
            WriteHalf::Unix(half) => {
                let $stream: &UnixStream = half.as_ref();
                $call
            }
        }
    };
}

impl WriteHalf {
    /// Calls `write` until it does not block, or the socket does.
    pub(super) fn poll_when_writable(
        &self,
        context: &mut Context<'_>,
        write: impl Fn(&Self) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(on_stream!(self, stream => stream.poll_write_ready(context)))?;
            match write(self) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        on_stream!(self, stream => stream.try_write(bytes))
    }

    pub(super) fn try_write_vectored(&self, slices: &[io::IoSlice<'_>]) -> io::Result<usize> {
        on_stream!(self, stream => stream.try_write_vectored(slices))
    }

    /// Writes everything.
    #[cfg(feature = "tls")]
    pub(super) async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let write = |context: &mut Context<'_>| {
                self.poll_when_writable(context, |half| half.try_write(bytes))
            };
            bytes = &bytes[poll_fn(write).await?..];
        }
        Ok(())
    }

    /// Reads into the spare room of the buffer.
    pub(super) fn try_read(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        on_stream!(self, stream => stream.try_read_buf(buffer))
    }

    pub(super) async fn ready(&self, interest: Interest) -> io::Result<()> {
        on_stream!(self, stream => stream.ready(interest).await.map(drop))
    }

    /// Returns when the client has reset the connection. The end of what it sends is not a reset.
    pub(super) async fn reset(&self) {
        // An error of the driver is one of the connection too.
        let _ = self.ready(Interest::ERROR).await;
    }

    /// Whether bytes that the client has sent are still to be read.
    pub(super) fn has_unread(&self) -> bool {
        let mut byte = [MaybeUninit::uninit()];
        let peeked = on_stream!(self, stream => SockRef::from(stream).peek(&mut byte));
        peeked.is_ok_and(|count| count > 0)
    }

    pub(super) fn shut_down_sending(&self) -> io::Result<()> {
        on_stream!(self, stream => SockRef::from(stream).shutdown(Shutdown::Write))
    }
}
