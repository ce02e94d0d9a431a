//! What the cache tells about itself.

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
    /// Bytes that can be held: the sum of the tiers'.
    pub capacity: u64,
    /// Bytes to which tiers can be expanded, all together.
    pub max_capacity: u64,
    /// Look-ups that found their block.
    pub hits: u64,
    /// Look-ups that did not.
    pub misses: u64,
    /// Hits of all look-ups, 0 to 1; `None` before the first.
    pub hit_ratio: Option<f64>,
    /// Blocks put in.
    pub inserted: u64,
    /// Blocks whose key was put in again.
    pub replaced: u64,
    /// Blocks that fell out of the last tier, or were evicted on demand.
    pub evicted: u64,
    /// Blocks removed or cleared by somebody.
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
    /// Bytes that can be held.
    pub capacity: u64,
    /// Look-ups that found their block here.
    pub hits: u64,
    /// Blocks that left for a hotter tier, since they were used.
    pub promoted: u64,
    /// Blocks that left for a colder tier, since others needed the room.
    pub demoted: u64,
    /// Blocks that left the cache from here, since others needed the room.
    pub evicted: u64,
}

/// Where a block is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockInfo {
    /// Its key.
    pub key: BlockKey,
    /// The tier that holds it.
    pub tier: String,
    /// Its footprint.
    pub bytes: u64,
}

/// What was taken out of the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Blocks.
    pub blocks: u64,
    /// Their footprints.
    pub bytes: u64,
}

/// How far a tier was expanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Expanded {
    /// Bytes that the tier could hold.
    pub before: u64,
    /// Bytes that it can hold now.
    pub after: u64,
}
