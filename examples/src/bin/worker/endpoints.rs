//! Identity of this worker.

use std::sync::Arc;

use admin_runtime::{Pretty, State, admin_endpoint};
use cache_engine::{Engine, Metadata};
use serde::Serialize;

#[derive(Serialize)]
struct Worker {
    #[serde(flatten)]
    metadata: Metadata,
    is_first_rank: bool,
    blocks: u64,
    bytes: u64,
    hit_ratio: Option<f64>,
}

/// Identity and size of this worker.
#[admin_endpoint(path = "/worker")]
async fn worker(engine: State<Arc<Engine>>) -> Pretty<Worker> {
    let (metadata, stats) = (engine.metadata().clone(), engine.stats());
    Pretty(Worker {
        is_first_rank: metadata.is_first_rank(),
        metadata,
        blocks: stats.blocks,
        bytes: stats.bytes,
        hit_ratio: stats.hit_ratio,
    })
}
