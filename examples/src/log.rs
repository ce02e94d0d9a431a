//! The log: to stderr, coloured only on a terminal, controlled by `/loglevel`.

use std::io::{IsTerminal, stderr};

use admin_endpoints::loglevel::{InstallError, LogLevels};
use tracing_subscriber::prelude::*;

pub(crate) fn start(levels: &LogLevels) -> Result<(), InstallError> {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal());
    let log = tracing_subscriber::registry()
        .with(levels.filter())
        .with(lines);
    if log.try_init().is_err() {
        tracing::warn!("a tracing subscriber is already installed; --log has no effect");
    }
    levels.install()?;
    Ok(())
}
