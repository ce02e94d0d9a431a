//! `stats_logger`: statistics for readers of the log.

use std::sync::Arc;

use admin_runtime::{RunSummary, State, periodic};

use crate::engine::Engine;

/// Logs the size and the hit ratio of the cache.
#[periodic(interval = "30s", schedule = "fixed_rate")]
async fn stats_logger(engine: State<Arc<Engine>>) -> RunSummary {
    let stats = engine.stats();
    let hit_ratio = stats.hit_ratio.unwrap_or_default();
    tracing::info!(
        blocks = stats.blocks,
        bytes = stats.bytes,
        capacity = stats.capacity,
        hit_ratio,
        "cache"
    );
    RunSummary::new("logged")
        .with("blocks", stats.blocks)
        .with("hit_ratio", hit_ratio)
}
