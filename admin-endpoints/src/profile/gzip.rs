//! A gzip stream that begins before its contents exist.
//!
//! Deflate data is a sequence of blocks. Stored blocks without bytes change nothing of the contents
//! and keep the connection in use, so that a client that went away is noticed.

use std::io::{self, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// The head of a stream: no file name, no time, an unknown system.
pub(super) const HEAD: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// A stored block of no bytes, which is not the last; it begins and ends at a byte.
pub(super) const EMPTY_BLOCK: &[u8] = &[0, 0, 0, 0xff, 0xff];

/// Compresses contents, and ends the stream that began with [`HEAD`] and any number of
/// [`EMPTY_BLOCK`].
pub(super) struct GzipTail {
    blocks: DeflateEncoder<Vec<u8>>,
    check: Crc,
}

impl GzipTail {
    pub(super) fn new() -> Self {
        Self {
            blocks: DeflateEncoder::new(Vec::new(), Compression::fast()),
            check: Crc::new(),
        }
    }

    /// The rest of the stream.
    ///
    /// # Errors
    ///
    /// None are known: the output is memory.
    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        let mut bytes = self.blocks.finish()?;
        bytes.extend(self.check.sum().to_le_bytes());
        bytes.extend(self.check.amount().to_le_bytes());
        Ok(bytes)
    }
}

impl Write for GzipTail {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.blocks.write(bytes)?;
        self.check.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.blocks.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn empty_blocks_do_not_change_the_contents() {
        for (contents, blocks) in [("", 0), ("", 3), ("profile", 0), ("profile", 300)] {
            let mut stream = HEAD.to_vec();
            stream.extend(EMPTY_BLOCK.repeat(blocks));
            let mut tail = GzipTail::new();
            tail.write_all(contents.as_bytes()).unwrap();
            stream.extend(tail.finish().unwrap());
            let mut read = String::new();
            GzDecoder::new(&*stream).read_to_string(&mut read).unwrap();
            assert_eq!(read, contents);
        }
    }
}
