//! The sequence of requested blocks: the same seed gives the same sequence.

use rand_distr::{Distribution, Zipf};
use rand_pcg::Pcg32;
use rand_pcg::rand_core::{Rng, SeedableRng};

use crate::block::{Block, BlockKey};

/// An endless sequence of blocks, the n-th most popular one about 1/n as often as the first.
#[derive(Debug)]
pub(crate) struct Traffic {
    random: Pcg32,
    popularity: Zipf<f64>,
}

impl Traffic {
    pub(crate) fn new(seed: u64, blocks: u32) -> Self {
        Self {
            random: Pcg32::seed_from_u64(seed),
            // The only errors are fewer than one element and a negative exponent.
            popularity: Zipf::new(f64::from(blocks.max(1)), 1.0).expect("at least one block"),
        }
    }

    /// The next block, as its rank in popularity, from 1.
    pub(crate) fn next(&mut self) -> u64 {
        self.popularity.sample(&mut self.random) as u64
    }
}

/// The block with this rank in popularity: its key looks like a hash, its data is 1 to 8 KiB, and
/// both are always the same.
pub(crate) fn block(place: u64) -> (BlockKey, usize) {
    let mut random = Pcg32::seed_from_u64(place);
    let key = BlockKey(random.next_u64());
    let kib = 1 + random.next_u32() % 8;
    (key, kib as usize * 1024)
}

/// Creates a block with its data.
pub(crate) fn fill(key: BlockKey, bytes: usize) -> Block {
    Block::new(key, vec![key.0 as u8; bytes])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(seed: u64, count: usize) -> Vec<u64> {
        let mut traffic = Traffic::new(seed, 100);
        (0..count).map(|_| traffic.next()).collect()
    }

    #[test]
    fn the_seed_decides_everything() {
        assert_eq!(first(7, 50), first(7, 50));
        assert_ne!(first(7, 50), first(8, 50));
        // Known numbers: another release of the generators must not change the figures in the README.
        assert_eq!(first(0, 6), [93, 4, 9, 5, 1, 22]);
        assert_eq!(block(1).0.to_string(), "7dbcf3ee33a70be6");
    }

    #[test]
    fn few_blocks_are_asked_for_often() {
        let places = first(3, 10_000);
        assert!(places.iter().all(|place| (1..=100).contains(place)));
        let of = |place| places.iter().filter(|other| **other == place).count();
        // The shares by Zipf's law are 1/5.19 and a tenth of that.
        assert!((1_700..2_150).contains(&of(1)), "{}", of(1));
        assert!((130..260).contains(&of(10)), "{}", of(10));
    }

    #[test]
    fn blocks_differ_in_key_and_size() {
        let keys: std::collections::HashSet<_> = (1..=4096).map(|place| block(place).0).collect();
        assert_eq!(keys.len(), 4096);
        let sizes: std::collections::BTreeSet<_> = (1..=4096).map(|place| block(place).1).collect();
        assert_eq!(sizes.len(), 8);
    }
}
