//! The `log` facade: its records become tracing events and obey the same levels.

use std::cell::Cell;
use std::sync::Arc;

use log::{Log, Record};
use serde::Serialize;
use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_log::{AsLog, AsTrace};

use super::live::Live;

/// Whether records of the `log` facade obey the levels.
///
/// ```
/// use admin_endpoints::loglevel::LogFacade;
///
/// // In `GET /loglevel?format=json`:
/// assert_eq!(serde_json::to_string(&LogFacade::Bridged)?, r#""bridged""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFacade {
    /// They come to the subscriber and obey, and `log`'s own maximum follows the levels.
    Bridged,
    /// They do not: these levels are not installed, or the program has a logger of its own, which is
    /// left alone.
    Foreign,
}

/// The logger that hands every record to the current subscriber.
#[derive(Debug)]
struct Bridge {
    live: Arc<Live>,
}

impl Log for Bridge {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level().as_trace() <= self.live.level(metadata.target())
    }

    fn log(&self, record: &Record<'_>) {
        // It asks the filter with the record's own target and never fails, whatever its type says.
        let _ = tracing_log::format_trace(record);
    }

    fn flush(&self) {}
}

/// Becomes the logger of `log`, or finds out whether the one there leads to this filter.
pub(super) fn connect(live: &Arc<Live>) -> LogFacade {
    let bridge = Box::new(Bridge {
        live: Arc::clone(live),
    });
    if log::set_boxed_logger(bridge).is_err() && !existing_logger_leads_here() {
        return LogFacade::Foreign;
    }
    live.drive_log();
    LogFacade::Bridged
}

/// Sets `log`'s own maximum, below which its macros return at once.
pub(super) fn follow(most_verbose: LevelFilter) {
    log::set_max_level(most_verbose.as_log());
}

/// The name that `tracing-log` gives to the metadata it asks filters with.
const RECORD: &str = "log record";

/// The target of the question whether an existing logger leads here.
const PROBE: &str = "admin_endpoints::loglevel::probe";

thread_local! {
    static PROBE_ARRIVED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a filter is asked about a record of `log`, which has no callsite of its own.
pub(super) fn is_log_record(metadata: &Metadata<'_>) -> bool {
    metadata.name() == RECORD
}

/// Whether the record is the question of this module, which is thereby answered.
pub(super) fn is_probe(metadata: &Metadata<'_>) -> bool {
    let probe = metadata.target() == PROBE;
    if probe {
        PROBE_ARRIVED.set(true);
    }
    probe
}

/// Asks the logger that is there whether it would log an error, and sees whether it asks the filter.
fn existing_logger_leads_here() -> bool {
    let max = log::max_level();
    log::set_max_level(max.max(log::LevelFilter::Error));
    PROBE_ARRIVED.set(false);
    let probe = log::Metadata::builder()
        .level(log::Level::Error)
        .target(PROBE)
        .build();
    log::logger().enabled(&probe);
    log::set_max_level(max);
    PROBE_ARRIVED.take()
}
