//! A connection of which only so many bytes are read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Fails once more than a number of bytes was read: hyper skips any number of `100 Continue` without
/// a pause in which a time limit could be noticed.
pub(super) struct BoundedStream<S> {
    stream: S,
    left: usize,
}

impl<S> BoundedStream<S> {
    pub(super) fn new(stream: S, max_bytes: usize) -> Self {
        Self {
            stream,
            left: max_bytes,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for BoundedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left == 0 {
            return Poll::Ready(Err(io::Error::other("it sends too many bytes")));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let count = buffer.filled().len() - before;
        self.left = self.left.saturating_sub(count);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for BoundedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn bytes_beyond_the_limit_are_an_error() {
        let mut whole = BoundedStream::new(tokio::io::join(&b"four"[..], tokio::io::sink()), 5);
        let mut text = String::new();
        assert_eq!(whole.read_to_string(&mut text).await.unwrap(), 4);
        let mut longer = BoundedStream::new(tokio::io::join(&b"longer"[..], tokio::io::sink()), 5);
        let error = longer.read_to_string(&mut text).await.unwrap_err();
        assert_eq!(error.to_string(), "it sends too many bytes");
    }
}
