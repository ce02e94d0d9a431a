//! The log: to stderr, in colour only where a person looks.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::filter::LevelFilter;

pub(crate) fn start(level: LevelFilter) {
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal());
    if log.try_init().is_err() {
        tracing::warn!("this process has a log already; --log has no effect");
    }
}
