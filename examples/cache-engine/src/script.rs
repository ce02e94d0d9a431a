//! What scripts see of the cache, under the names that scripts written for LMCache use.

use std::sync::Arc;

use admin_runtime::script::{ScriptError, Serialized, script_object};

use crate::engine::Engine;
use crate::fraction::Fraction;
use crate::metadata::{KvShape, Metadata};
use crate::stats::Stats;

/// `app.state.lmcache_adapter`: registered with `builder().script_object("lmcache_adapter", ..)`.
#[derive(Clone, Debug)]
pub struct Adapter(Arc<Engine>);

impl Adapter {
    /// A live view of this engine.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self(engine)
    }
}

#[script_object]
impl Adapter {
    /// The engine.
    #[attribute]
    fn lmcache_engine(&self) -> Arc<EngineView> {
        Arc::new(EngineView(Arc::clone(&self.0)))
    }
}

struct EngineView(Arc<Engine>);

#[script_object(name = "Engine")]
impl EngineView {
    /// The model and rank that it caches for.
    #[attribute]
    fn metadata(&self) -> Arc<MetadataView> {
        Arc::new(MetadataView(self.0.metadata().clone()))
    }

    /// A consistent snapshot of all counts.
    fn stats(&self) -> Serialized<Stats> {
        Serialized(self.0.stats())
    }

    /// Evicts until at most this part of the capacity is used; returns the number of evicted blocks.
    #[changes]
    fn evict_to(&self, fraction: f64) -> Result<u64, ScriptError> {
        let fraction = Fraction::new(fraction)
            .ok_or_else(|| ScriptError::value_error("expected a number from 0 to 1"))?;
        Ok(self.0.evict_to(fraction).blocks)
    }
}

struct MetadataView(Metadata);

#[script_object(name = "Metadata")]
impl MetadataView {
    /// Whether this is rank 0.
    fn is_first_rank(&self) -> bool {
        self.0.is_first_rank()
    }

    /// The shape of one block.
    #[attribute]
    fn kv_shape(&self) -> KvShape {
        self.0.kv_shape
    }

    /// The model.
    #[attribute]
    fn model_name(&self) -> String {
        self.0.model.clone()
    }

    /// This process's rank.
    #[attribute]
    fn worker_id(&self) -> u32 {
        self.0.rank
    }

    /// The number of ranks.
    #[attribute]
    fn world_size(&self) -> u32 {
        self.0.world_size
    }
}
