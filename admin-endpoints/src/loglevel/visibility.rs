//! Whether other filters of a subscriber hide the events of a logger, asked without sending any.
//!
//! A subscriber says for the metadata of an event whether one of its layers wants it. It does not
//! say which: a layer with a filter of its own that rejects the event leaves that answer in the
//! state of the thread, where the layer finds it when the event arrives. A registry stores the same
//! state in every span that it creates, and a span says for each filter whether it was enabled.

use std::cell::Cell;
use std::ptr;

use tracing::callsite::Identifier;
use tracing::field::{Field, FieldSet, Value};
use tracing::level_filters::{LevelFilter, STATIC_MAX_LEVEL};
use tracing::metadata::Kind;
use tracing::span::Attributes;
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Level, Metadata, Subscriber};
use tracing_subscriber::filter::FilterId;
use tracing_subscriber::layer::{Layered, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry, SpanData};

use super::active_levels::ActiveLevels;
use super::probe_callsite::{PROBE_CALLSITE, PROBE_METADATA};

/// The most filters of single layers that `tracing-subscriber` supports.
const MAX_LAYER_FILTERS: u32 = u64::BITS;

/// All levels, from the least verbose to the most verbose.
const ALL_LEVELS: [Level; 5] = [
    Level::ERROR,
    Level::WARN,
    Level::INFO,
    Level::DEBUG,
    Level::TRACE,
];

/// Asks the subscribers that have a filter of these levels about the other filters in them.
pub(super) struct VisibilityProbe<'a> {
    levels: &'a ActiveLevels,
    subscribers: Vec<Dispatch>,
    layer_filters: LayerFilterState,
}

impl<'a> VisibilityProbe<'a> {
    pub(super) fn new(levels: &'a ActiveLevels) -> Self {
        let mut subscribers = levels.subscribers();
        subscribers.retain(|subscriber| !subscriber.is::<NoSubscriber>());
        Self {
            levels,
            subscribers,
            layer_filters: LayerFilterState::new(),
        }
    }

    /// Whether any subscriber has a filter of these levels.
    pub(super) fn has_subscribers(&self) -> bool {
        !self.subscribers.is_empty()
    }

    /// The most verbose level at which no other filter hides events of `target`: the levels alone
    /// decide about events that are not more verbose.
    ///
    /// A filter of a single layer counts if it enables at least the errors of `target`; otherwise
    /// the layer is not for this target.
    pub(super) fn visible_level(&self, target: &str) -> LevelFilter {
        let _probing = Probing::start(self.levels);
        self.subscribers
            .iter()
            .map(|subscriber| self.visible_level_in(subscriber, target))
            .fold(STATIC_MAX_LEVEL, LevelFilter::min)
    }

    /// The most verbose level at which events of `target` reach the filter of these levels, if that
    /// is a layer: no other layer disables them for all.
    #[cfg_attr(not(feature = "logs"), allow(dead_code))]
    pub(super) fn level_before_layers(&self, target: &str) -> LevelFilter {
        let _probing = Probing::start(self.levels);
        let reaches = |level: &&Level| {
            let event = probe_event(target, **level);
            let mut subscribers = self.subscribers.iter();
            subscribers
                .all(|subscriber| self.layer_filters.enabled_by(subscriber, &event).is_some())
        };
        let reached = ALL_LEVELS.iter().take_while(reaches).last();
        let reached = reached.map_or(LevelFilter::OFF, |level| LevelFilter::from_level(*level));
        reached.min(STATIC_MAX_LEVEL)
    }

    fn visible_level_in(&self, subscriber: &Dispatch, target: &str) -> LevelFilter {
        let mut visible = LevelFilter::OFF;
        let mut filters_for_target = None;
        for level in ALL_LEVELS {
            let event = probe_event(target, level);
            let Some(enabled) = self.layer_filters.enabled_by(subscriber, &event) else {
                break;
            };
            let expected = *filters_for_target.get_or_insert(enabled);
            if enabled & expected != expected {
                break;
            }
            visible = LevelFilter::from_level(level);
        }
        visible
    }
}

/// Whether an event is one of a probe for these levels, which their filters let pass.
pub(super) fn is_probe(levels: &ActiveLevels, event: &Metadata<'_>) -> bool {
    event.callsite() == Identifier(&PROBE_CALLSITE) && PROBED_LEVELS.get() == ptr::from_ref(levels)
}

thread_local! {
    /// The levels whose subscribers this thread is probing.
    static PROBED_LEVELS: Cell<*const ActiveLevels> = const { Cell::new(ptr::null()) };
}

/// Resets [`PROBED_LEVELS`], even if a filter of the program panics.
struct Probing;

impl Probing {
    fn start(levels: &ActiveLevels) -> Self {
        PROBED_LEVELS.set(ptr::from_ref(levels));
        Self
    }
}

impl Drop for Probing {
    fn drop(&mut self) {
        PROBED_LEVELS.set(ptr::null());
    }
}

/// The answers of the filters of single layers, which `tracing-subscriber` keeps for each thread.
struct LayerFilterState {
    /// A registry that no other code uses, below a filter that disables everything.
    registry: Layered<LevelFilter, Registry>,
    /// The ids that the filters in any registry have, in order.
    ids: Vec<FilterId>,
}

impl LayerFilterState {
    fn new() -> Self {
        let mut registry = Registry::default();
        let ids = (0..MAX_LAYER_FILTERS)
            .map(|_| registry.register_filter())
            .collect();
        Self {
            registry: registry.with(LevelFilter::OFF),
            ids,
        }
    }

    /// The filters of single layers that enable an event, one bit for each; `None` if the event is
    /// disabled for all layers. Bits without a filter are set.
    fn enabled_by(&self, subscriber: &Dispatch, event: &Metadata<'_>) -> Option<u64> {
        self.clear();
        let enabled = subscriber.enabled(event).then(|| self.read());
        self.clear();
        enabled
    }

    /// Resets the answers, which a layer that disables an event for all others does.
    fn clear(&self) {
        self.registry.enabled(&PROBE_METADATA);
    }

    fn read(&self) -> u64 {
        let no_values: [(&Field, Option<&dyn Value>); 0] = [];
        let values = PROBE_METADATA.fields().value_set(&no_values);
        let span = self
            .registry
            .new_span(&Attributes::new_root(&PROBE_METADATA, &values));
        let bits = self.registry.span_data(&span).map_or(u64::MAX, |data| {
            let enabled = self.ids.iter().map(|&id| data.is_enabled_for(id));
            enabled
                .enumerate()
                .fold(0, |bits, (at, is_set)| bits | u64::from(is_set) << at)
        });
        self.registry.try_close(span);
        bits
    }
}

/// The metadata of an event as the macros of tracing make it in a module of that name.
fn probe_event(target: &str, level: Level) -> Metadata<'_> {
    let fields = FieldSet::new(&["message"], Identifier(&PROBE_CALLSITE));
    let module_path = Some(target);
    Metadata::new(
        "event",
        target,
        level,
        None,
        None,
        module_path,
        fields,
        Kind::EVENT,
    )
}

#[cfg(test)]
mod tests;
