//! The cache that threads share.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::block::{Block, BlockKey};
use crate::config::EngineConfig;
use crate::error::{ConfigError, TooLarge, UnknownTier};
use crate::eviction::{EvictionCounts, EvictionMonitor, Overloaded};
use crate::fraction::Fraction;
use crate::metadata::Metadata;
use crate::meters::Meters;
use crate::periodic::Pulse;
use crate::stats::{BlockInfo, Dropped, Expanded, Stats, TierStats};
use crate::tiers::Tiers;

/// A block cache in tiers. Every method can be called from any thread and is atomic,
/// [`stats`](Self::stats) included.
///
/// ```
/// use cache_engine::{Block, BlockKey, Engine, EngineConfig, Fraction};
///
/// let engine = Engine::new(EngineConfig::default())?;
/// engine.put(Block::new(BlockKey(1), vec![0; 1024]))?;
/// assert_eq!(engine.peek(BlockKey(1)).map(|info| info.tier), Some("hot".to_owned()));
///
/// engine.evict_to(Fraction::new(0.0).expect("0 is a fraction"));
/// assert_eq!(engine.get(BlockKey(1)), None);
/// assert_eq!((engine.stats().evicted, engine.stats().misses), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    metadata: Metadata,
    pulse: Pulse,
    /// Blocks that [`evict_to`](Self::evict_to) evicted.
    requested_evictions: AtomicU64,
    eviction: EvictionMonitor,
    // One lock for all tiers, since a use moves blocks between them. Nothing blocks under it, and
    // blocks that leave are freed after it, apart from the few that one insertion displaces.
    tiers: Mutex<Metered>,
}

/// The tiers and the metrics that they publish.
#[derive(Debug)]
struct Metered {
    tiers: Tiers,
    meters: Meters,
}

/// The tiers under their lock; what they counted is published before it is released.
struct Locked<'a>(MutexGuard<'a, Metered>);

impl Deref for Locked<'_> {
    type Target = Tiers;

    fn deref(&self) -> &Tiers {
        &self.0.tiers
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Tiers {
        &mut self.0.tiers
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        let Metered { tiers, meters } = &mut *self.0;
        meters.publish(tiers);
    }
}

impl Engine {
    /// An empty cache.
    ///
    /// # Errors
    ///
    /// If there are no tiers, a name is invalid in a URL or used twice, or the capacity is above the limit.
    pub fn new(config: EngineConfig) -> Result<Self, ConfigError> {
        config.check()?;
        let metadata = config.metadata.clone();
        let tiers = Tiers::new(config);
        let meters = Meters::new(&tiers);
        Ok(Self {
            metadata,
            pulse: Pulse::default(),
            requested_evictions: AtomicU64::new(0),
            eviction: EvictionMonitor::default(),
            tiers: Mutex::new(Metered { tiers, meters }),
        })
    }

    /// The model and rank that it caches for.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The switch that makes its heartbeat fail.
    #[must_use]
    pub fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// Looks a block up. A hit counts as a use: the block moves to the hottest tier that can hold it.
    #[must_use]
    pub fn get(&self, key: BlockKey) -> Option<Block> {
        let began = now();
        let mut tiers = self.tiers();
        let block = tiers.get(key);
        let seconds = tiers.0.meters.lookup_seconds(block.is_some());
        seconds.record(began.elapsed());
        block
    }

    /// The block and its tier. It does not count as a use: nothing moves.
    #[must_use]
    pub fn peek(&self, key: BlockKey) -> Option<BlockInfo> {
        self.tiers().peek(key)
    }

    /// Inserts a block into the hottest tier that can hold it, and replaces one with the same key.
    ///
    /// # Errors
    ///
    /// If no tier can hold the block; one with the same key is kept.
    pub fn put(&self, block: Block) -> Result<(), TooLarge> {
        self.tiers().put(block)
    }

    /// Removes a block and returns its tier.
    pub fn remove(&self, key: BlockKey) -> Option<BlockInfo> {
        let removed = self.tiers().remove(key);
        removed.map(|(info, _)| info)
    }

    /// Removes all blocks of a tier.
    ///
    /// # Errors
    ///
    /// If there is no tier of this name.
    pub fn clear(&self, tier: &str) -> Result<Dropped, UnknownTier> {
        let removed = self.tiers().clear(tier)?;
        Ok(Dropped::from_blocks(&removed))
    }

    /// The blocks of a tier, most recently used first, at most `limit`. It does not count as a use.
    ///
    /// # Errors
    ///
    /// If there is no tier of this name.
    pub fn recent(&self, tier: &str, limit: usize) -> Result<Vec<BlockInfo>, UnknownTier> {
        self.tiers().recent(tier, limit)
    }

    /// Evicts the least recently used blocks, from the coldest tier up, until at most this part of
    /// the whole capacity is used.
    pub fn evict_to(&self, fraction: Fraction) -> Dropped {
        let evicted = {
            let mut tiers = self.tiers();
            let evicted = tiers.evict_to(fraction);
            let count = u64::try_from(evicted.len()).unwrap_or(u64::MAX);
            self.requested_evictions.fetch_add(count, Ordering::Relaxed);
            evicted
        };
        Dropped::from_blocks(&evicted)
    }

    /// Adds bytes to the capacity of a tier, as far as
    /// [`max_capacity`](EngineConfig::max_capacity) permits.
    ///
    /// # Errors
    ///
    /// If there is no tier of this name.
    pub fn expand(&self, tier: &str, additional: u64) -> Result<Expanded, UnknownTier> {
        self.tiers().expand(tier, additional)
    }

    /// A consistent snapshot of all counts.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.tiers().stats()
    }

    /// The part of [`stats`](Self::stats) for one tier.
    ///
    /// # Errors
    ///
    /// If there is no tier of this name.
    pub fn tier(&self, tier: &str) -> Result<TierStats, UnknownTier> {
        self.tiers().tier(tier)
    }

    /// Whether the evictor has kept up since the last call.
    pub(crate) fn check_eviction(&self) -> Result<(), Overloaded> {
        let stats = self.stats();
        let requested = self.requested_evictions.load(Ordering::Relaxed);
        self.eviction.check(EvictionCounts {
            inserted: stats.inserted,
            forced: stats.evicted.saturating_sub(requested),
        })
    }

    fn tiers(&self) -> Locked<'_> {
        // Only std or hashlink can panic under the lock, between two consistent states.
        Locked(self.tiers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[expect(clippy::disallowed_methods, reason = "lookups are timed here")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_adds_up_at_any_moment() {
        let engine = Engine::new(EngineConfig::default()).unwrap();
        let half = Fraction::new(0.5).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..3 {
                let engine = &engine;
                scope.spawn(move || {
                    for round in 0..2_000 {
                        let key = BlockKey((round * 7 + thread) % 900);
                        if engine.get(key).is_none() {
                            engine.put(Block::new(key, vec![0; 8 << 10])).unwrap();
                        }
                        match round % 500 {
                            100 => drop(engine.remove(key)),
                            200 => drop(engine.clear("warm")),
                            300 => drop(engine.evict_to(half)),
                            _ => {}
                        }
                    }
                });
            }
            for _ in 0..2_000 {
                let stats = engine.stats();
                let gone = stats.replaced + stats.evicted + stats.removed;
                assert_eq!(stats.inserted, stats.blocks + gone);
                assert!(stats.bytes <= stats.capacity);
            }
        });
        let stats = engine.stats();
        assert_eq!(stats.hits + stats.misses, 6_000);
        assert!(stats.evicted > 0 && stats.removed > 0, "{stats:?}");
    }

    #[test]
    fn an_engine_returns_its_metadata() {
        let metadata = Metadata {
            rank: 1,
            ..Metadata::default()
        };
        let engine = Engine::new(EngineConfig {
            metadata,
            ..EngineConfig::default()
        });
        let engine = engine.unwrap();
        assert!(!engine.metadata().is_first_rank());
        assert_eq!(engine.metadata().kv_shape, (27, 1, 64, 1, 576));
    }
}
