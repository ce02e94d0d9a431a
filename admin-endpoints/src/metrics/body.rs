//! A scrape as the body of a reply, one chunk per poll.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::Stream;

use super::scrape::Scrape;
use super::scrape_error::ScrapeError;

/// Upper bound for the memory of a compressor, whose own allocations abort the process on failure.
const GZIP_STATE_BYTES: usize = 512 * 1024;

/// The chunks of a scrape, optionally compressed.
#[derive(Debug)]
pub(super) struct ScrapeBody {
    /// The chunk that was written before the reply was started.
    first: Option<Bytes>,
    scrape: Scrape,
    /// `None` if not compressed or finished.
    gzip: Option<GzEncoder<Vec<u8>>>,
    /// The previous poll gave other tasks a turn.
    has_yielded: bool,
}

impl ScrapeBody {
    /// Writes the first chunk, so that a lack of memory is known before the reply is started.
    pub(super) fn start(mut scrape: Scrape, gzip: bool) -> Result<Self, ScrapeError> {
        if gzip {
            Vec::<u8>::new().try_reserve_exact(GZIP_STATE_BYTES)?;
        }
        Ok(Self {
            first: scrape.next().transpose()?,
            scrape,
            gzip: gzip.then(|| GzEncoder::new(Vec::new(), Compression::fast())),
            has_yielded: true,
        })
    }

    /// The next bytes, empty if the compressor has no output yet; `None` at the end.
    fn next_bytes(&mut self) -> io::Result<Option<Bytes>> {
        let chunk = match self.first.take() {
            Some(first) => Some(first),
            None => self.scrape.next().transpose().map_err(io::Error::other)?,
        };
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

impl Stream for ScrapeBody {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.has_yielded {
            // A client that reads as fast as chunks are written would block the thread otherwise.
            self.has_yielded = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.has_yielded = false;
        match self.next_bytes() {
            Ok(Some(bytes)) if bytes.is_empty() => self.poll_next(context),
            Ok(bytes) => Poll::Ready(bytes.map(Ok)),
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }
}
