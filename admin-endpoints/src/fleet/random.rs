//! Random numbers, for what need not be secret.

use std::hash::{BuildHasher, RandomState};

/// Different for each call: the keys of the hashers are.
pub(super) fn random() -> u64 {
    RandomState::new().hash_one(0)
}

/// From 0 to 1.
pub(super) fn random_part() -> f64 {
    random() as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_parts_differ() {
        let parts = [random_part(), random_part(), random_part()];
        assert!(parts.iter().all(|part| (0.0..=1.0).contains(part)));
        assert!(parts[0] != parts[1] || parts[1] != parts[2]);
    }
}
