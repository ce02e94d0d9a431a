//! Blocks in the order of their use, bounded by their bytes.

use hashlink::LinkedHashMap;

use crate::block::{Block, BlockKey};

/// A least-recently-used list of blocks, at most `capacity` bytes.
#[derive(Debug)]
pub(crate) struct Lru {
    /// The least recently used block is first.
    blocks: LinkedHashMap<BlockKey, Block>,
    bytes: u64,
    capacity: u64,
}

impl Lru {
    pub(crate) fn new(capacity: u64) -> Self {
        Self {
            blocks: LinkedHashMap::new(),
            bytes: 0,
            capacity,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.blocks.len()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn capacity(&self) -> u64 {
        self.capacity
    }

    /// Raises the bound; there is no way to lower it, which would break the invariant.
    pub(crate) fn grow(&mut self, additional: u64) {
        self.capacity = self.capacity.saturating_add(additional);
    }

    /// Whether the whole capacity is enough for a block of this size.
    pub(crate) fn can_hold(&self, bytes: u64) -> bool {
        bytes <= self.capacity
    }

    /// The block; it does not count as a use.
    pub(crate) fn peek(&self, key: BlockKey) -> Option<&Block> {
        self.blocks.get(&key)
    }

    /// The block, now the most recently used.
    pub(crate) fn touch(&mut self, key: BlockKey) -> Option<&Block> {
        self.blocks.to_back(&key).map(|block| &*block)
    }

    /// Adds a block as the most recently used. The caller has freed space, and the key is new.
    pub(crate) fn push(&mut self, block: Block) {
        debug_assert!(self.has_room(block.footprint()) && !self.blocks.contains_key(&block.key()));
        self.bytes += block.footprint();
        self.blocks.insert(block.key(), block);
    }

    /// Whether a block of this size fits into the free space.
    pub(crate) fn has_room(&self, bytes: u64) -> bool {
        bytes <= self.capacity - self.bytes
    }

    pub(crate) fn remove(&mut self, key: BlockKey) -> Option<Block> {
        let block = self.blocks.remove(&key)?;
        self.bytes -= block.footprint();
        Some(block)
    }

    /// Removes the least recently used block.
    pub(crate) fn pop(&mut self) -> Option<Block> {
        let (_, block) = self.blocks.pop_front()?;
        self.bytes -= block.footprint();
        Some(block)
    }

    /// Removes all blocks, least recently used first.
    pub(crate) fn drain(&mut self) -> Vec<Block> {
        self.bytes = 0;
        let blocks = std::mem::take(&mut self.blocks);
        blocks.into_iter().map(|(_, block)| block).collect()
    }

    /// The blocks, most recently used first.
    pub(crate) fn recent(&self) -> impl Iterator<Item = &Block> {
        self.blocks.values().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block(key: u64, bytes: usize) -> Block {
        Block::new(BlockKey(key), vec![0; bytes])
    }

    #[test]
    fn a_touched_block_outlives_an_older_use() {
        let mut lru = Lru::new(200);
        lru.push(block(1, 4));
        lru.push(block(2, 4));
        assert!(!lru.has_room(1));
        lru.touch(BlockKey(1));
        assert_eq!(lru.pop(), Some(block(2, 4)));
        assert!(lru.has_room(100) && !lru.has_room(101));
    }

    #[test]
    fn a_peek_does_not_count_as_use() {
        let mut lru = Lru::new(200);
        lru.push(block(1, 4));
        lru.push(block(2, 4));
        assert!(lru.peek(BlockKey(1)).is_some());
        assert_eq!(lru.pop(), Some(block(1, 4)));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u64, usize),
        Touch(u64),
        Remove(u64),
        Pop,
        Grow(u64),
        Drain,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (0..12_u64, 0..300_usize).prop_map(|(key, bytes)| Step::Insert(key, bytes)),
            4 => (0..12_u64).prop_map(Step::Touch),
            2 => (0..12_u64).prop_map(Step::Remove),
            1 => Just(Step::Pop),
            1 => (0..150_u64).prop_map(Step::Grow),
            1 => Just(Step::Drain),
        ]
    }

    proptest! {
        #[test]
        fn behaves_like_a_plain_list(
            capacity in 0..1500_u64,
            steps in prop::collection::vec(step(), 0..200),
        ) {
            let mut lru = Lru::new(capacity);
            let mut capacity = capacity;
            // The least recently used block is first here too.
            let mut model: Vec<Block> = Vec::new();
            for step in steps {
                match step {
                    Step::Insert(key, bytes) => {
                        let new = block(key, bytes);
                        let old = model.iter().position(|b| b.key() == new.key());
                        prop_assert_eq!(lru.remove(new.key()), old.map(|at| model.remove(at)));
                        let held: u64 = model.iter().map(Block::footprint).sum();
                        prop_assert_eq!(lru.has_room(new.footprint()), held + new.footprint() <= capacity);
                        prop_assert_eq!(lru.can_hold(new.footprint()), new.footprint() <= capacity);
                        if lru.can_hold(new.footprint()) {
                            while !lru.has_room(new.footprint()) {
                                prop_assert_eq!(lru.pop(), Some(model.remove(0)));
                            }
                            lru.push(new.clone());
                            model.push(new);
                        }
                    }
                    Step::Touch(key) => {
                        let at = model.iter().position(|b| b.key() == BlockKey(key));
                        if let Some(at) = at {
                            let used = model.remove(at);
                            model.push(used);
                        }
                        prop_assert_eq!(lru.touch(BlockKey(key)), at.and(model.last()));
                    }
                    Step::Remove(key) => {
                        let at = model.iter().position(|b| b.key() == BlockKey(key));
                        prop_assert_eq!(
                            lru.remove(BlockKey(key)),
                            at.map(|at| model.remove(at))
                        );
                    }
                    Step::Pop => {
                        let first = (!model.is_empty()).then(|| model.remove(0));
                        prop_assert_eq!(lru.pop(), first);
                    }
                    Step::Grow(additional) => {
                        lru.grow(additional);
                        capacity += additional;
                    }
                    Step::Drain => prop_assert_eq!(lru.drain(), std::mem::take(&mut model)),
                }
                prop_assert!(lru.bytes() <= capacity);
                prop_assert_eq!(lru.bytes(), model.iter().map(Block::footprint).sum::<u64>());
                prop_assert_eq!(lru.len(), model.len());
                prop_assert!(lru.recent().eq(model.iter().rev()));
                for block in &model {
                    prop_assert_eq!(lru.peek(block.key()), Some(block));
                }
            }
        }
    }
}
