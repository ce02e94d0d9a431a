//! When the timer of a thread expires first.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Random times within a period: a thread that uses half of one has a sample with a probability of
/// one half. The numbers are those of xorshift64*.
#[derive(Debug)]
pub(super) struct RandomPhase {
    state: u64,
}

impl RandomPhase {
    /// Other numbers than those of any other profile.
    pub(super) fn from_random_seed() -> Self {
        Self::new(RandomState::new().build_hasher().finish())
    }

    fn new(seed: u64) -> Self {
        Self { state: seed.max(1) }
    }

    /// From 1 to `period`, each with the same probability.
    pub(super) fn next(&mut self, period: u64) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let number = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d);
        let scaled = (u128::from(number) * u128::from(period)) >> 64;
        scaled as u64 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_period_is_equally_likely() {
        for period in [1_000_000_000, 10_101_010, 1_000_000] {
            let mut phase = RandomPhase::new(7);
            let mut tenths = [0_u32; 10];
            for _ in 0..10_000 {
                let first = phase.next(period);
                assert!((1..=period).contains(&first));
                tenths[((first - 1) * 10 / period) as usize] += 1;
            }
            assert!(
                tenths.iter().all(|count| (850..1150).contains(count)),
                "{period}: {tenths:?}"
            );
        }
        assert_eq!(RandomPhase::new(0).next(1), 1);
    }
}
