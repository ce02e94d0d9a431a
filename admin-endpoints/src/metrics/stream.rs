//! A scrape as the body of a reply: one chunk at a time, with a turn for everybody else between
//! two.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::Stream;

use super::scrape::Scrape;

/// Chunks of a scrape, compressed or as they are.
#[derive(Debug)]
pub(crate) struct Chunks {
    scrape: Scrape,
    /// None when not compressed, or when the last of it has been taken.
    gzip: Option<GzEncoder<Vec<u8>>>,
    /// The next poll may work.
    rested: bool,
}

impl Chunks {
    pub(crate) fn new(scrape: Scrape, gzip: bool) -> Self {
        let gzip = gzip.then(|| GzEncoder::new(Vec::new(), Compression::fast()));
        Self {
            scrape,
            gzip,
            rested: true,
        }
    }

    /// The next bytes; `Some` of nothing where the compressor has swallowed a chunk.
    fn next_bytes(&mut self) -> io::Result<Option<Bytes>> {
        let chunk = self.scrape.next();
        let Some(mut gzip) = self.gzip.take() else {
            return Ok(chunk);
        };
        let Some(chunk) = chunk else {
            return Ok(Some(gzip.finish()?.into()));
        };
        gzip.write_all(&chunk)?;
        let compressed = std::mem::take(gzip.get_mut());
        self.gzip = Some(gzip);
        Ok(Some(compressed.into()))
    }
}

impl Stream for Chunks {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.rested {
            // A client that reads as fast as we write would otherwise keep the thread to itself.
            self.rested = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.rested = false;
        match self.next_bytes() {
            Ok(Some(bytes)) if bytes.is_empty() => self.poll_next(context),
            Ok(bytes) => Poll::Ready(bytes.map(Ok)),
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }
}
