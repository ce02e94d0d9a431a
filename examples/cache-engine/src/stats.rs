//! Statistics of the cache.

use serde::Serialize;

use crate::block::BlockKey;

/// The whole cache at one moment. Counts are since the start and only grow.
///
/// They add up: `inserted == blocks + replaced + evicted + removed`, and `hits` is the sum of the
/// tiers' hits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stats {
    /// Blocks held.
    pub blocks: u64,
    /// Bytes held: the blocks' footprints.
    pub bytes: u64,
    /// The capacities of all tiers, in bytes.
    pub capacity: u64,
    /// The limit for the capacities of all tiers together, in bytes.
    pub max_capacity: u64,
    /// Lookups that found their block.
    pub hits: u64,
    /// Lookups that did not.
    pub misses: u64,
    /// The share of lookups that were hits, 0 to 1; `None` before the first lookup.
    pub hit_ratio: Option<f64>,
    /// Blocks inserted.
    pub inserted: u64,
    /// Blocks replaced by another one with the same key.
    pub replaced: u64,
    /// Blocks evicted from the last tier, or on demand.
    pub evicted: u64,
    /// Blocks removed one by one or with their tier.
    pub removed: u64,
    /// Hottest first.
    pub tiers: Vec<TierStats>,
}

/// One tier at one moment. Counts are since the start and only grow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TierStats {
    /// Its name.
    pub name: String,
    /// Blocks held.
    pub blocks: u64,
    /// Bytes held: the blocks' footprints.
    pub bytes: u64,
    /// Its capacity in bytes.
    pub capacity: u64,
    /// Lookups that found their block here.
    pub hits: u64,
    /// Blocks moved to a hotter tier because they were used.
    pub promoted: u64,
    /// Blocks moved to a colder tier to free space.
    pub demoted: u64,
    /// Blocks removed from the cache to free space.
    pub evicted: u64,
}

/// A block and its tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockInfo {
    /// Its key.
    pub key: BlockKey,
    /// The tier that holds it.
    pub tier: String,
    /// Its footprint.
    pub bytes: u64,
}

/// What was removed from the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Blocks.
    pub blocks: u64,
    /// Their footprints.
    pub bytes: u64,
}

/// The capacity of a tier before and after an expansion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Expanded {
    /// Bytes before.
    pub before: u64,
    /// Bytes after.
    pub after: u64,
}
