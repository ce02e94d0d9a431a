//! All tiers: promotion, demotion and eviction.

use crate::block::{Block, BlockKey};
use crate::config::EngineConfig;
use crate::error::{TooLarge, UnknownTier};
use crate::fraction::Fraction;
use crate::stats::{BlockInfo, Dropped, Expanded, Stats, TierStats};
use crate::tier::Tier;

/// The tiers, hottest first. A block is in one of them at most.
#[derive(Debug)]
pub(crate) struct Tiers {
    tiers: Vec<Tier>,
    max_capacity: u64,
    misses: u64,
    inserted: u64,
    replaced: u64,
    removed: u64,
}

/// A block that needs a place, with the tier that demoted it; `None` for a new or a used one.
type Falling = (Option<usize>, Block);

impl Tiers {
    pub(crate) fn new(config: EngineConfig) -> Self {
        Self {
            tiers: config.tiers.into_iter().map(Tier::new).collect(),
            max_capacity: config.max_capacity,
            misses: 0,
            inserted: 0,
            replaced: 0,
            removed: 0,
        }
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Tier> {
        self.tiers.iter()
    }

    pub(crate) fn misses(&self) -> u64 {
        self.misses
    }

    pub(crate) fn get(&mut self, key: BlockKey) -> Option<Block> {
        let Some(index) = self.find(key) else {
            self.misses += 1;
            return None;
        };
        let tier = &mut self.tiers[index];
        tier.hits += 1;
        let block = tier.lru.touch(key)?.clone();
        if self.hottest_for(block.footprint()) < Some(index) {
            let tier = &mut self.tiers[index];
            tier.promoted += 1;
            tier.lru.remove(key);
            self.settle(block.clone());
        }
        Some(block)
    }

    pub(crate) fn put(&mut self, block: Block) -> Result<(), TooLarge> {
        if self.hottest_for(block.footprint()).is_none() {
            let capacities = self.tiers.iter().map(|tier| tier.lru.capacity());
            return Err(TooLarge {
                key: block.key(),
                bytes: block.footprint(),
                largest: capacities.max().unwrap_or(0),
            });
        }
        if self.take(block.key()).is_some() {
            self.replaced += 1;
        }
        self.inserted += 1;
        self.settle(block);
        Ok(())
    }

    pub(crate) fn peek(&self, key: BlockKey) -> Option<BlockInfo> {
        let tier = &self.tiers[self.find(key)?];
        tier.lru.peek(key).map(|block| info(tier, block))
    }

    pub(crate) fn remove(&mut self, key: BlockKey) -> Option<(BlockInfo, Block)> {
        let index = self.find(key)?;
        let tier = &mut self.tiers[index];
        let block = tier.lru.remove(key)?;
        self.removed += 1;
        Some((info(tier, &block), block))
    }

    pub(crate) fn clear(&mut self, tier: &str) -> Result<Vec<Block>, UnknownTier> {
        let index = self.named(tier)?;
        let blocks = self.tiers[index].lru.drain();
        self.removed += blocks.len() as u64;
        Ok(blocks)
    }

    /// The most recently used blocks of a tier.
    pub(crate) fn recent(&self, tier: &str, limit: usize) -> Result<Vec<BlockInfo>, UnknownTier> {
        let tier = &self.tiers[self.named(tier)?];
        let recent = tier.lru.recent().take(limit);
        Ok(recent.map(|block| info(tier, block)).collect())
    }

    /// Evicts from the coldest tier up, until so much of the capacity is used at most.
    pub(crate) fn evict_to(&mut self, fraction: Fraction) -> Vec<Block> {
        let target = fraction.of(self.capacity());
        let mut bytes = self.bytes();
        let mut evicted = Vec::new();
        // Among blocks that every tier can hold, whatever is colder was used longer ago.
        for tier in self.tiers.iter_mut().rev() {
            while bytes > target
                && let Some(block) = tier.lru.pop()
            {
                bytes -= block.footprint();
                tier.evicted += 1;
                evicted.push(block);
            }
        }
        evicted
    }

    /// Increases the capacity of a tier, as far as the bound for all tiers allows.
    pub(crate) fn expand(&mut self, tier: &str, additional: u64) -> Result<Expanded, UnknownTier> {
        let index = self.named(tier)?;
        let allowed = additional.min(self.max_capacity - self.capacity());
        let lru = &mut self.tiers[index].lru;
        let before = lru.capacity();
        lru.grow(allowed);
        let after = lru.capacity();
        Ok(Expanded { before, after })
    }

    pub(crate) fn stats(&self) -> Stats {
        let tiers: Vec<_> = self.tiers.iter().map(Tier::stats).collect();
        let hits = tiers.iter().map(|tier| tier.hits).sum();
        let lookups = hits + self.misses;
        Stats {
            blocks: tiers.iter().map(|tier| tier.blocks).sum(),
            bytes: self.bytes(),
            capacity: self.capacity(),
            max_capacity: self.max_capacity,
            hits,
            misses: self.misses,
            hit_ratio: (lookups > 0).then(|| hits as f64 / lookups as f64),
            inserted: self.inserted,
            replaced: self.replaced,
            evicted: tiers.iter().map(|tier| tier.evicted).sum(),
            removed: self.removed,
            tiers,
        }
    }

    pub(crate) fn tier(&self, tier: &str) -> Result<TierStats, UnknownTier> {
        Ok(self.tiers[self.named(tier)?].stats())
    }

    fn bytes(&self) -> u64 {
        self.tiers.iter().map(|tier| tier.lru.bytes()).sum()
    }

    fn capacity(&self) -> u64 {
        self.tiers.iter().map(|tier| tier.lru.capacity()).sum()
    }

    fn find(&self, key: BlockKey) -> Option<usize> {
        self.tiers
            .iter()
            .position(|tier| tier.lru.peek(key).is_some())
    }

    fn take(&mut self, key: BlockKey) -> Option<Block> {
        self.tiers.iter_mut().find_map(|tier| tier.lru.remove(key))
    }

    fn named(&self, name: &str) -> Result<usize, UnknownTier> {
        let found = self.tiers.iter().position(|tier| tier.name == name);
        found.ok_or_else(|| UnknownTier {
            tier: name.to_owned(),
            tiers: self.tiers.iter().map(|tier| tier.name.clone()).collect(),
        })
    }

    /// The hottest tier that can hold a block of this size.
    fn hottest_for(&self, bytes: u64) -> Option<usize> {
        self.tiers.iter().position(|tier| tier.lru.can_hold(bytes))
    }

    /// Puts a block that is just used into the hottest tier that can hold it; what does not fit
    /// there any more is demoted.
    fn settle(&mut self, block: Block) {
        let mut falling: Vec<Falling> = vec![(None, block)];
        for index in 0..self.tiers.len() {
            let mut leaving = Vec::new();
            for (from, block) in falling {
                let lru = &mut self.tiers[index].lru;
                if !lru.can_hold(block.footprint()) {
                    leaving.push((from, block));
                    continue;
                }
                while !lru.has_room(block.footprint())
                    && let Some(oldest) = lru.pop()
                {
                    leaving.push((Some(index), oldest));
                }
                lru.push(block);
                if let Some(from) = from {
                    self.tiers[from].demoted += 1;
                }
            }
            falling = leaving;
        }
        for (from, _) in falling {
            if let Some(from) = from {
                self.tiers[from].evicted += 1;
            }
        }
    }
}

fn info(tier: &Tier, block: &Block) -> BlockInfo {
    BlockInfo {
        key: block.key(),
        tier: tier.name.clone(),
        bytes: block.footprint(),
    }
}

impl Dropped {
    pub(crate) fn from_blocks(blocks: &[Block]) -> Self {
        Self {
            blocks: blocks.len() as u64,
            bytes: blocks.iter().map(Block::footprint).sum(),
        }
    }
}

#[cfg(test)]
#[path = "tiers_tests.rs"]
mod tests;
