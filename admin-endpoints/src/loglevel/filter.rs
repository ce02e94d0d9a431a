//! The filter that is added to a subscriber: as a layer of its own, or on single layers.

use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::active_levels::ActiveLevels;
use super::{layer_state, log_bridge, visibility};
use crate::log_records::{SpanFields, is_capturing, with_metadata};

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
    fn interest(
        &self,
        callsite: &'static Metadata<'static>,
        is_enabled: impl FnOnce(&Metadata<'_>) -> bool,
    ) -> Interest {
        self.levels.mark_in_subscriber();
        self.levels.known.record(callsite.target());
        if is_enabled(callsite) {
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

    /// Whether the levels allow an event, or a client of `/logs` wants it.
    fn allows_or_streams(&self, event: &Metadata<'_>) -> bool {
        self.allows(event) || self.levels.hub.wants(event)
    }

    /// Passes an event to the clients of `/logs`; whether the other layers get it too.
    ///
    /// Here the event is whole and no layer has seen it yet.
    #[inline(never)]
    fn receive<S>(&self, event: &Event<'_>, context: &Context<'_, S>) -> bool
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        if is_capturing() {
            return false;
        }
        let is_allowed = with_metadata(event, |metadata, is_log_record| {
            let is_allowed = self.allows(metadata);
            let visit_spans = |each: &mut dyn FnMut(&'static str, Option<&SpanFields>)| {
                for span in context.event_scope(event).into_iter().flatten() {
                    each(span.name(), span.extensions().get::<SpanFields>());
                }
            };
            let hub = &self.levels.hub;
            hub.receive(event, metadata, is_log_record, is_allowed, &visit_spans);
            is_allowed
        });
        if !is_allowed {
            layer_state::clear();
        }
        is_allowed
    }
}

impl<S> Layer<S> for LevelsFilter
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    fn on_register_dispatch(&self, subscriber: &Dispatch) {
        self.levels.mark_layer();
        self.levels.register_subscriber(subscriber);
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.interest(metadata, |metadata| self.allows_or_streams(metadata))
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.is_enabled(metadata) || self.levels.hub.wants(metadata)
    }

    fn event_enabled(&self, event: &Event<'_>, context: Context<'_, S>) -> bool {
        self.levels.is_unchecked(*event.metadata().level()) || self.receive(event, &context)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.levels.mark_in_subscriber();
        Some(self.levels.most_verbose())
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if cfg!(feature = "logs")
            && let Some(fields) = SpanFields::from_attributes(attributes)
            && let Some(span) = context.span(id)
        {
            span.extensions_mut().replace(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if cfg!(feature = "logs")
            && let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<SpanFields>()
        {
            fields.record(values);
        }
    }
}

impl<S> Filter<S> for LevelsFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.is_enabled(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.interest(metadata, |metadata| self.allows(metadata))
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.levels.mark_in_subscriber();
        Some(self.levels.most_verbose_rule())
    }
}
