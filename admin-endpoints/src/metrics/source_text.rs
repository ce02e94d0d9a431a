//! Reads the text of a source while it is written, line by line and within a bound.

use std::collections::TryReserveError;
use std::io::{self, Write};

use super::exposition::{Exposition, ExpositionParser};
use super::scrape_error::ScrapeFailure;
use super::source::Source;

/// How much text is read between two checks of the memory.
const PIECE_BYTES: usize = 64 * 1024;

/// How much memory the lines of a piece take at most, as a multiple of their text.
const MAX_PARSED_RATIO: usize = 8;

/// Reads a source, of at most `limit` bytes.
pub(super) fn read_source(source: &dyn Source, limit: usize) -> Result<Exposition, ScrapeFailure> {
    let mut text = SourceText {
        parser: ExpositionParser::default(),
        line: Vec::new(),
        unused: limit,
        checked: 0,
        stop: None,
    };
    let written = source.write(&mut text);
    let name = || source.name().to_owned();
    match (&text.stop, written) {
        (Some(Stop::Memory(error)), _) => Err(ScrapeFailure::Memory(error.clone())),
        (Some(Stop::Limit), _) => {
            let name = name();
            Err(ScrapeFailure::SourceTooLarge { name, limit })
        }
        (None, Err(error)) => {
            let (name, error) = (name(), error.to_string());
            Err(ScrapeFailure::Source { name, error })
        }
        (None, Ok(())) => text.finish().map_err(ScrapeFailure::Memory),
    }
}

/// Where a source writes.
struct SourceText {
    parser: ExpositionParser,
    /// The line that is not complete.
    line: Vec<u8>,
    /// How many bytes are left of the limit.
    unused: usize,
    /// How many bytes there is memory for.
    checked: usize,
    /// Why nothing more is read, whatever the source makes of the error.
    stop: Option<Stop>,
}

enum Stop {
    Limit,
    Memory(TryReserveError),
}

impl SourceText {
    fn read(&mut self, text: &[u8]) -> Result<(), Stop> {
        for piece in text.chunks(PIECE_BYTES) {
            self.unused = self.unused.checked_sub(piece.len()).ok_or(Stop::Limit)?;
            self.check_memory(piece.len())?;
            for part in piece.split_inclusive(|byte| *byte == b'\n') {
                self.line.try_reserve(part.len())?;
                self.line.extend_from_slice(part);
                if part.ends_with(b"\n") {
                    self.end_line()?;
                }
            }
        }
        Ok(())
    }

    /// Fails before the small allocations of parsed lines would, which end the process.
    fn check_memory(&mut self, length: usize) -> Result<(), TryReserveError> {
        if self.checked < length {
            Vec::<u8>::new().try_reserve_exact(PIECE_BYTES * MAX_PARSED_RATIO)?;
            self.checked = PIECE_BYTES;
        }
        self.checked -= length;
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), TryReserveError> {
        if self.line.len() > PIECE_BYTES {
            Vec::<u8>::new().try_reserve_exact(self.line.len() * MAX_PARSED_RATIO)?;
        }
        self.parser.line(&self.line)?;
        self.line.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Exposition, TryReserveError> {
        self.end_line()?;
        Ok(self.parser.finish())
    }
}

impl Write for SourceText {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if self.stop.is_none() {
            self.stop = self.read(text).err();
        }
        match &self.stop {
            None => Ok(text.len()),
            Some(Stop::Limit) => Err(io::ErrorKind::FileTooLarge.into()),
            Some(Stop::Memory(_)) => Err(io::ErrorKind::OutOfMemory.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl From<TryReserveError> for Stop {
    fn from(error: TryReserveError) -> Self {
        Self::Memory(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Pieces(&'static [&'static str]);

    impl Source for Pieces {
        fn name(&self) -> &str {
            "pieces"
        }

        fn write(&self, out: &mut dyn Write) -> io::Result<()> {
            for piece in self.0 {
                let _ = out.write_all(piece.as_bytes());
            }
            Ok(())
        }
    }

    #[test]
    fn lines_may_be_written_in_pieces() {
        let whole = read_source(&Pieces(&["# TYPE a counter\na 1\nb 2"]), 100).unwrap();
        const PIECES: &[&str] = &["# TYPE a cou", "nter", "\na", " 1\n", "b 2"];
        let parsed = read_source(&Pieces(PIECES), 100).unwrap();
        assert_eq!(parsed, whole);
        assert_eq!(parsed.families.len(), 2);
    }

    #[test]
    fn ignored_limit_is_an_error() {
        let source = Pieces(&["a 1\n", "b 2\n"]);
        assert!(read_source(&source, 8).is_ok());
        let error = read_source(&source, 7).unwrap_err();
        let (name, limit) = ("pieces".to_owned(), 7);
        assert_eq!(error, ScrapeFailure::SourceTooLarge { name, limit });
    }
}
