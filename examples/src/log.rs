//! The log: to stderr, coloured only on a terminal, controlled by `/loglevel`.

use std::io::{IsTerminal, stderr};

use admin_endpoints::loglevel::LogLevels;
use tracing_subscriber::prelude::*;

use crate::bounded_writer::{BoundedWriter, DroppedLines, FlushOnDrop};
use crate::failure::Failure;

/// Starts the log. A blocked stderr loses lines and stops nothing; the lost ones are counted.
pub(crate) fn start(levels: &LogLevels) -> Result<(FlushOnDrop, DroppedLines), Failure> {
    let (writer, flush_on_drop) = BoundedWriter::start()?;
    let dropped = writer.dropped();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(move || writer.clone())
        .with_ansi(stderr().is_terminal());
    let log = tracing_subscriber::registry()
        .with(levels.filter())
        .with(lines);
    if log.try_init().is_err() {
        tracing::warn!("a tracing subscriber is already installed; --log has no effect");
    }
    levels.keep_history();
    levels.install()?;
    Ok((flush_on_drop, dropped))
}
