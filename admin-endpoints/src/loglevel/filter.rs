//! The filter that is added to a subscriber: as a layer of its own, or on single layers.

use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Dispatch, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter, Layer};

use super::active_levels::ActiveLevels;
use super::{log_bridge, visibility};

/// Enables the events that the levels of a [`LogLevels`](super::LogLevels) allow.
///
/// As a layer, `registry().with(levels.filter())`, it decides for every layer of the subscriber,
/// those above and those below. This is what "including all handlers" means, and it is the
/// preferred form. On a single layer, `layer.with_filter(levels.filter())`, it decides for that
/// layer only; clones on several layers decide alike. Other filters of the subscriber stay in
/// effect: a layer receives an event only if all of its filters enable it.
///
/// ```standalone_crate
/// use admin_endpoints::loglevel::LogLevels;
/// use tracing::{Level, enabled};
/// use tracing_subscriber::{fmt, prelude::*, registry};
///
/// let levels = LogLevels::from_spec("warn,cache=debug")?;
/// registry().with(levels.filter()).with(fmt::layer()).init();
/// assert!(enabled!(target: "cache::load", Level::DEBUG));
///
/// let index_enabled = || enabled!(target: "index", Level::INFO);
/// assert!(!index_enabled());
/// levels.set(&"index".parse()?, "INFO".parse()?, None, "ops")?;
/// assert!(index_enabled());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct LevelsFilter {
    levels: Arc<ActiveLevels>,
}

impl LevelsFilter {
    pub(super) fn new(levels: Arc<ActiveLevels>) -> Self {
        Self { levels }
    }

    /// The interest in a callsite, which tracing caches until it is rebuilt.
    fn interest(&self, callsite: &'static Metadata<'static>) -> Interest {
        self.levels.mark_in_subscriber();
        self.levels.known.record(callsite.target());
        if self.allows(callsite) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    /// Whether one event is enabled. Called if no interest is cached: for records of `log`, and for
    /// events whose other filters check each of them.
    fn is_enabled(&self, event: &Metadata<'_>) -> bool {
        if log_bridge::is_log_record(event) {
            if log_bridge::receive_logger_probe(event) {
                return true;
            }
            self.levels.known.record(event.target());
        }
        visibility::is_probe(&self.levels, event) || self.allows(event)
    }

    fn allows(&self, event: &Metadata<'_>) -> bool {
        *event.level() <= self.levels.level(event.target())
    }

    fn level_hint(&self) -> Option<LevelFilter> {
        self.levels.mark_in_subscriber();
        Some(self.levels.most_verbose())
    }
}

impl<S: Subscriber> Layer<S> for LevelsFilter {
    fn on_register_dispatch(&self, subscriber: &Dispatch) {
        self.levels.register_subscriber(subscriber);
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.interest(metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.is_enabled(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.level_hint()
    }
}

impl<S> Filter<S> for LevelsFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.is_enabled(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.interest(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.level_hint()
    }
}
