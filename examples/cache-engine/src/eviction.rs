//! `eviction`: whether the evictor keeps up with the insertions.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use admin_runtime::{State, health_check};

use crate::engine::Engine;

/// What was counted at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EvictionCounts {
    pub(crate) inserted: u64,
    /// Blocks that an insertion evicted, because the evictor had not made room.
    pub(crate) forced: u64,
}

/// The counts at the last check.
#[derive(Debug, Default)]
pub(crate) struct EvictionMonitor(Mutex<EvictionCounts>);

/// More than half of the insertions had to evict.
#[derive(Debug)]
pub(crate) struct Overloaded {
    inserted: u64,
    forced: u64,
}

/// Fewer insertions say nothing.
const MIN_INSERTED: u64 = 100;

impl EvictionMonitor {
    /// Compares with the last check.
    pub(crate) fn check(&self, now: EvictionCounts) -> Result<(), Overloaded> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let inserted = now.inserted.saturating_sub(last.inserted);
        let forced = now.forced.saturating_sub(last.forced);
        *last = now;
        if inserted >= MIN_INSERTED && forced > inserted / 2 {
            return Err(Overloaded { inserted, forced });
        }
        Ok(())
    }
}

impl fmt::Display for Overloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inserted, forced } = self;
        write!(
            f,
            "eviction does not keep up: {inserted} insertions had to evict {forced} blocks themselves"
        )
    }
}

impl std::error::Error for Overloaded {}

/// The evictor makes room before blocks are inserted.
#[health_check(interval = "5s")]
fn eviction(engine: State<Arc<Engine>>) -> Result<(), Overloaded> {
    engine.check_eviction()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Block, BlockKey, EngineConfig};

    #[test]
    fn many_forced_evictions_fail_the_check() {
        let engine = Engine::new(EngineConfig::default()).unwrap();
        assert!(engine.check_eviction().is_ok(), "nothing was inserted");
        let insert = |from: u64, to: u64| {
            for key in from..to {
                engine
                    .put(Block::new(BlockKey(key), vec![0; 64 << 10]))
                    .unwrap();
            }
        };
        insert(0, 50);
        assert!(engine.check_eviction().is_ok(), "there is room");
        insert(50, 400);
        let error = engine.check_eviction().unwrap_err().to_string();
        assert!(error.contains("350 insertions had to evict"), "{error}");
        assert!(engine.check_eviction().is_ok(), "it has stopped");
    }
}
