//! The answers of filters of single layers, which `tracing-subscriber` keeps for each thread.

use std::sync::LazyLock;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::{Layered, SubscriberExt};
use tracing_subscriber::registry::Registry;

use super::probe_callsite::PROBE_METADATA;

/// A registry that no other code uses, below a filter that disables everything.
static DISABLED_REGISTRY: LazyLock<Layered<LevelFilter, Registry>> =
    LazyLock::new(|| Registry::default().with(LevelFilter::OFF));

/// Resets the answers, as a layer does that disables an event for all others. Otherwise they would
/// count for the next event of the thread.
pub(super) fn clear() {
    DISABLED_REGISTRY.enabled(&PROBE_METADATA);
}
