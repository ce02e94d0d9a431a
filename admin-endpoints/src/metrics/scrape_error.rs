//! Why a scrape is not complete.

use std::collections::TryReserveError;
use std::error::Error;
use std::fmt;

/// There was no memory for a scrape, or a source could not be read.
///
/// ```
/// use std::io::{self, Write};
///
/// use admin_endpoints::metrics::{Recorder, Source};
///
/// struct Endless;
///
/// impl Source for Endless {
///     fn name(&self) -> &str { "endless" }
///     fn write(&self, out: &mut dyn Write) -> io::Result<()> {
///         loop { out.write_all(b"jobs 1\n")? }
///     }
/// }
///
/// let recorder = Recorder::builder().source(Endless).max_source_bytes(1000).build()?;
/// let error = recorder.scrape().find_map(Result::err).ok_or("no error")?;
/// assert_eq!(
///     error.to_string(),
///     "The metrics source `endless` has more than 1000 bytes: raise \
///      `RecorderBuilder::max_source_bytes`"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScrapeError(ScrapeFailure);

/// The reason of a [`ScrapeError`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ScrapeFailure {
    /// There was no memory for the next piece.
    Memory(TryReserveError),
    /// A source has more text than `limit` bytes.
    SourceTooLarge { name: String, limit: usize },
    /// A source returned an error.
    Source { name: String, error: String },
}

impl fmt::Display for ScrapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ScrapeFailure::Memory(_) => f.write_str("Not enough memory to write the metrics"),
            ScrapeFailure::SourceTooLarge { name, limit } => write!(
                f,
                "The metrics source `{name}` has more than {limit} bytes: raise \
                 `RecorderBuilder::max_source_bytes`"
            ),
            ScrapeFailure::Source { name, error } => {
                write!(f, "The metrics source `{name}` cannot be read: {error}")
            }
        }
    }
}

impl From<ScrapeFailure> for ScrapeError {
    fn from(failure: ScrapeFailure) -> Self {
        Self(failure)
    }
}

impl From<TryReserveError> for ScrapeError {
    fn from(error: TryReserveError) -> Self {
        Self(ScrapeFailure::Memory(error))
    }
}

impl Error for ScrapeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            ScrapeFailure::Memory(error) => Some(error),
            ScrapeFailure::SourceTooLarge { .. } | ScrapeFailure::Source { .. } => None,
        }
    }
}
