//! One tier: a bounded list with a name and its counts.

use crate::config::TierConfig;
use crate::lru::Lru;
use crate::stats::TierStats;

/// A tier. Its counts only grow.
#[derive(Debug)]
pub(crate) struct Tier {
    pub(crate) name: String,
    pub(crate) lru: Lru,
    pub(crate) hits: u64,
    pub(crate) promoted: u64,
    pub(crate) demoted: u64,
    pub(crate) evicted: u64,
}

impl Tier {
    pub(crate) fn new(config: TierConfig) -> Self {
        Self {
            name: config.name,
            lru: Lru::new(config.capacity),
            hits: 0,
            promoted: 0,
            demoted: 0,
            evicted: 0,
        }
    }

    pub(crate) fn stats(&self) -> TierStats {
        TierStats {
            name: self.name.clone(),
            blocks: self.lru.len() as u64,
            bytes: self.lru.bytes(),
            capacity: self.lru.capacity(),
            hits: self.hits,
            promoted: self.promoted,
            demoted: self.demoted,
            evicted: self.evicted,
        }
    }
}
