use proptest::prelude::*;

use super::*;
use crate::config::TierConfig;

/// Footprint of the blocks that are all of one size.
const SIZE: u64 = 100;

fn block(key: u64, footprint: u64) -> Block {
    let bytes = usize::try_from(footprint - Block::OVERHEAD).unwrap();
    Block::new(BlockKey(key), vec![0; bytes])
}

fn tiers(capacities: &[u64]) -> Tiers {
    let named = capacities.iter().enumerate();
    let tiers = named.map(|(index, capacity)| TierConfig::new(format!("t{index}"), *capacity));
    Tiers::new(EngineConfig {
        tiers: tiers.collect(),
        max_capacity: capacities.iter().sum::<u64>() + 1000,
        ..EngineConfig::default()
    })
}

fn keys(tiers: &Tiers, index: usize) -> Vec<u64> {
    let recent = tiers.tiers[index].lru.recent();
    recent.map(|block| block.key().0).collect()
}

#[test]
fn used_blocks_are_promoted_and_others_demoted() {
    let mut tiers = tiers(&[SIZE, SIZE, SIZE]);
    for key in [1, 2, 3] {
        tiers.put(block(key, SIZE)).unwrap();
    }
    assert_eq!((keys(&tiers, 0), keys(&tiers, 2)), (vec![3], vec![1]));
    assert!(tiers.get(BlockKey(1)).is_some());
    assert_eq!((keys(&tiers, 0), keys(&tiers, 1)), (vec![1], vec![3]));
    tiers.put(block(4, SIZE)).unwrap();
    assert_eq!(tiers.get(BlockKey(2)), None);
    let stats = tiers.stats();
    assert_eq!((stats.hits, stats.misses, stats.evicted), (1, 1, 1));
    assert_eq!((stats.tiers[2].promoted, stats.tiers[2].evicted), (1, 1));
    assert_eq!(stats.hit_ratio, Some(0.5));
}

#[test]
fn a_block_skips_tiers_too_small_for_it() {
    let mut tiers = tiers(&[SIZE, 3 * SIZE, SIZE]);
    tiers.put(block(1, SIZE)).unwrap();
    tiers.put(block(2, 2 * SIZE)).unwrap();
    assert_eq!((keys(&tiers, 0), keys(&tiers, 1)), (vec![1], vec![2]));
    // Displaced, it cannot stay in the last tier either.
    tiers.put(block(3, 3 * SIZE)).unwrap();
    assert_eq!((keys(&tiers, 1), keys(&tiers, 2)), (vec![3], vec![]));
    assert_eq!(tiers.stats().tiers[1].evicted, 1);
    let error = tiers.put(block(4, 3 * SIZE + 1)).unwrap_err();
    assert_eq!((error.bytes, error.largest), (301, 300));
}

#[test]
fn a_rejected_block_leaves_its_older_version() {
    let mut tiers = tiers(&[SIZE]);
    tiers.put(block(1, SIZE)).unwrap();
    assert!(tiers.put(block(1, SIZE + 1)).is_err());
    assert_eq!(tiers.get(BlockKey(1)), Some(block(1, SIZE)));
}

#[test]
fn eviction_on_demand_begins_with_the_coldest() {
    let mut tiers = tiers(&[SIZE, 3 * SIZE]);
    for key in [1, 2, 3, 4] {
        tiers.put(block(key, SIZE)).unwrap();
    }
    let evicted = tiers.evict_to(Fraction::new(0.5).unwrap());
    assert_eq!(evicted, [block(1, SIZE), block(2, SIZE)]);
    assert!(tiers.evict_to(Fraction::new(1.0).unwrap()).is_empty());
    assert_eq!(tiers.evict_to(Fraction::new(0.0).unwrap()).len(), 2);
    assert_eq!((tiers.bytes(), tiers.stats().evicted), (0, 4));
}

#[test]
fn expansion_stops_at_the_bound_of_all_tiers() {
    let mut tiers = tiers(&[SIZE, SIZE]);
    let expanded = tiers.expand("t1", 600).unwrap();
    assert_eq!((expanded.before, expanded.after), (100, 700));
    assert_eq!(tiers.expand("t0", u64::MAX).unwrap().after, 500);
    let expanded = tiers.expand("t0", 1).unwrap();
    assert_eq!(expanded.before, expanded.after);
    let error = tiers.expand("hot", 1).unwrap_err();
    assert_eq!(error.to_string(), "No tier 'hot'; there are t0, t1");
}

#[derive(Clone, Debug)]
enum Step {
    Put(u64, u64),
    Get(u64),
    Remove(u64),
    Clear(usize),
    EvictTo(f64),
    Expand(usize, u64),
}

fn step(expand: u32) -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..20_u64, 96..400_u64).prop_map(|(key, bytes)| Step::Put(key, bytes)),
        8 => (0..20_u64).prop_map(Step::Get),
        2 => (0..20_u64).prop_map(Step::Remove),
        1 => (0..3_usize).prop_map(Step::Clear),
        1 => (0.0..=1.0).prop_map(Step::EvictTo),
        expand => (0..3_usize, 0..300_u64).prop_map(|(tier, bytes)| Step::Expand(tier, bytes)),
    ]
}

proptest! {
    #[test]
    fn bounds_hold_and_counts_add_up(
        capacities in prop::collection::vec(0..900_u64, 3),
        steps in prop::collection::vec(step(1), 0..200),
    ) {
        let mut tiers = tiers(&capacities);
        for step in steps {
            match step {
                Step::Put(key, bytes) => {
                    let fits = tiers.hottest_for(bytes);
                    prop_assert_eq!(tiers.put(block(key, bytes)).is_ok(), fits.is_some());
                    if fits.is_some() {
                        prop_assert_eq!(tiers.find(BlockKey(key)), fits);
                    }
                }
                Step::Get(key) => {
                    if let Some(block) = tiers.get(BlockKey(key)) {
                        let hottest = tiers.hottest_for(block.footprint());
                        prop_assert_eq!(tiers.find(block.key()), hottest);
                    }
                }
                Step::Remove(key) => {
                    let there = tiers.find(BlockKey(key)).is_some();
                    prop_assert_eq!(tiers.remove(BlockKey(key)).is_some(), there);
                }
                Step::Clear(tier) => {
                    tiers.clear(&format!("t{tier}")).unwrap();
                    prop_assert_eq!(tiers.tiers[tier].lru.len(), 0);
                }
                Step::EvictTo(fraction) => {
                    let fraction = Fraction::new(fraction).unwrap();
                    tiers.evict_to(fraction);
                    prop_assert!(tiers.bytes() <= fraction.of(tiers.capacity()));
                }
                Step::Expand(tier, bytes) => {
                    tiers.expand(&format!("t{tier}"), bytes).unwrap();
                }
            }
            let stats = tiers.stats();
            prop_assert!(stats.capacity <= stats.max_capacity);
            for tier in &stats.tiers {
                prop_assert!(tier.bytes <= tier.capacity);
            }
            let gone = stats.replaced + stats.evicted + stats.removed;
            prop_assert_eq!(stats.inserted, stats.blocks + gone);
            let mut all: Vec<_> = (0..3).flat_map(|index| keys(&tiers, index)).collect();
            all.sort_unstable();
            all.dedup();
            prop_assert_eq!(all.len() as u64, stats.blocks);
        }
    }

    /// With blocks of one size, tiers are one list of all their room, cut into pieces.
    #[test]
    fn equal_blocks_keep_the_order_of_use(
        rooms in prop::collection::vec(0..5_u64, 3),
        steps in prop::collection::vec(step(0), 0..200),
    ) {
        let room = usize::try_from(rooms.iter().sum::<u64>()).unwrap();
        let mut tiers = tiers(&rooms.iter().map(|room| room * SIZE).collect::<Vec<_>>());
        // Most recently used first.
        let mut model: Vec<u64> = Vec::new();
        for step in steps {
            match step {
                Step::Put(key, _) => {
                    prop_assert_eq!(tiers.put(block(key, SIZE)).is_ok(), room > 0);
                    model.retain(|other| *other != key);
                    model.insert(0, key);
                    model.truncate(room);
                }
                Step::Get(key) => {
                    let at = model.iter().position(|other| *other == key);
                    prop_assert_eq!(tiers.get(BlockKey(key)).is_some(), at.is_some());
                    if let Some(at) = at {
                        model.remove(at);
                        model.insert(0, key);
                    }
                }
                Step::Remove(key) => {
                    tiers.remove(BlockKey(key));
                    model.retain(|other| *other != key);
                }
                Step::Clear(tier) => {
                    let gone = keys(&tiers, tier);
                    tiers.clear(&format!("t{tier}")).unwrap();
                    model.retain(|key| !gone.contains(key));
                }
                Step::EvictTo(fraction) => {
                    let fraction = Fraction::new(fraction).unwrap();
                    tiers.evict_to(fraction);
                    let left = fraction.of(room as u64 * SIZE) / SIZE;
                    model.truncate(usize::try_from(left).unwrap());
                }
                Step::Expand(..) => {}
            }
            let all: Vec<_> = (0..3).flat_map(|index| keys(&tiers, index)).collect();
            prop_assert_eq!(&all, &model);
        }
    }
}
