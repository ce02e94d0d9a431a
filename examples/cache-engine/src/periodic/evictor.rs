//! `evictor`: frees space for the next blocks.

use std::sync::Arc;

use admin_runtime::{RunSummary, State, periodic};

use crate::engine::Engine;
use crate::fraction::Fraction;

/// How full the cache may be between two runs.
const HIGH_WATER: f64 = 0.95;

/// Evicts the least recently used blocks until a twentieth of the cache is free.
#[periodic(level = "high", interval = "5s", jitter = "250ms")]
fn evictor(engine: State<Arc<Engine>>) -> RunSummary {
    let Some(target) = Fraction::new(HIGH_WATER) else {
        return RunSummary::default();
    };
    let dropped = engine.evict_to(target);
    RunSummary::new(format!("evicted {} blocks", dropped.blocks))
        .with("blocks", dropped.blocks)
        .with("bytes", dropped.bytes)
}
