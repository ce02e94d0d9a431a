//! The filter that goes into a subscriber: before all layers, or on one layer.

use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Dispatch, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter, Layer};

use super::bridge;
use super::live::Live;

/// Lets pass what the levels of a [`LogLevels`](super::LogLevels) allow.
///
/// As a layer, `registry().with(levels.filter())`, it decides for every layer of the stack, above
/// and below, those added later included; this is what "including all handlers" means, and it is
/// the form to prefer. On a single layer, `layer.with_filter(levels.filter())`, it decides for that
/// layer alone, and clones on several layers decide alike. Other filters of the stack stay what
/// they are: an event is seen by a layer that all of its filters let it through to.
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
/// let tells = || enabled!(target: "index", Level::INFO);
/// assert!(!tells());
/// levels.set("index", "INFO".parse()?, None, "ops")?;
/// assert!(tells());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct LevelsFilter {
    live: Arc<Live>,
}

impl LevelsFilter {
    pub(super) fn new(live: Arc<Live>) -> Self {
        LevelsFilter { live }
    }

    /// The answer for a callsite, which tracing keeps until it is told to ask again.
    fn interest(&self, callsite: &'static Metadata<'static>) -> Interest {
        self.live.mark_in_subscriber();
        self.live.seen.note(callsite.target());
        if self.passes(callsite) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    /// The answer for one event, asked where no answer is kept: records of `log`, and events whose
    /// other filters want to see each.
    fn allows(&self, event: &Metadata<'_>) -> bool {
        if bridge::is_log_record(event) {
            if bridge::is_probe(event) {
                return true;
            }
            self.live.seen.note(event.target());
        }
        self.passes(event)
    }

    fn passes(&self, event: &Metadata<'_>) -> bool {
        *event.level() <= self.live.level(event.target())
    }

    fn hint(&self) -> Option<LevelFilter> {
        self.live.mark_in_subscriber();
        Some(self.live.most_verbose())
    }
}

impl<S: Subscriber> Layer<S> for LevelsFilter {
    fn on_register_dispatch(&self, subscriber: &Dispatch) {
        self.live.joined(subscriber);
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.interest(metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.allows(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.hint()
    }
}

impl<S> Filter<S> for LevelsFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.allows(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.interest(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.hint()
    }
}
