//! The bridge from the `log` facade: its records become tracing events and obey the levels.

use std::cell::Cell;
use std::sync::Arc;

use log::{Log, Record};
use tracing::Metadata;
use tracing_log::AsTrace;

use super::active_levels::ActiveLevels;
use super::log_facade::LogFacade;

/// The logger that sends every record to the current subscriber.
#[derive(Debug)]
struct LogBridge {
    levels: Arc<ActiveLevels>,
}

impl Log for LogBridge {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level().as_trace() <= self.levels.level(metadata.target())
            || self.levels.hub.wants(&metadata.as_trace())
    }

    fn log(&self, record: &Record<'_>) {
        // It calls the filter with the target of the record, and never returns an error.
        let _ = tracing_log::format_trace(record);
    }

    fn flush(&self) {}
}

/// Installs the bridge, unless the program has a logger whose records reach these levels already.
pub(super) fn install_log_bridge(levels: &Arc<ActiveLevels>) -> LogFacade {
    let bridge = Box::new(LogBridge {
        levels: Arc::clone(levels),
    });
    if log::set_boxed_logger(bridge).is_err() && !existing_logger_calls_the_filter() {
        return LogFacade::Foreign;
    }
    levels.take_control_of_log();
    LogFacade::Bridged
}

/// The name that `tracing-log` gives to the metadata of log records.
const LOG_RECORD_NAME: &str = "log record";

/// The target of the record that finds out whether an existing logger calls the filter.
const LOGGER_PROBE_TARGET: &str = "admin_endpoints::loglevel::probe";

thread_local! {
    static LOGGER_PROBE_RECEIVED: Cell<bool> = const { Cell::new(false) };
}

/// Whether the metadata is that of a record of `log`, which has no callsite of its own.
pub(super) fn is_log_record(metadata: &Metadata<'_>) -> bool {
    metadata.name() == LOG_RECORD_NAME
}

/// Whether the metadata is that of the logger probe, whose receipt is noted.
pub(super) fn receive_logger_probe(metadata: &Metadata<'_>) -> bool {
    let is_probe = metadata.target() == LOGGER_PROBE_TARGET;
    if is_probe {
        LOGGER_PROBE_RECEIVED.set(true);
    }
    is_probe
}

/// Asks the existing logger whether an error is enabled, and checks that it asked the filter.
fn existing_logger_calls_the_filter() -> bool {
    let max_level = log::max_level();
    log::set_max_level(max_level.max(log::LevelFilter::Error));
    LOGGER_PROBE_RECEIVED.set(false);
    let probe = log::Metadata::builder()
        .level(log::Level::Error)
        .target(LOGGER_PROBE_TARGET)
        .build();
    log::logger().enabled(&probe);
    log::set_max_level(max_level);
    LOGGER_PROBE_RECEIVED.take()
}
