//! The configuration of an engine.

use crate::error::ConfigError;
use crate::metadata::Metadata;

/// The configuration of one tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierConfig {
    /// The name, a segment of URLs: letters, digits, `-` and `_`.
    pub name: String,
    /// The capacity in bytes.
    pub capacity: u64,
}

impl TierConfig {
    /// A tier of this name and capacity.
    #[must_use]
    pub fn new(name: impl Into<String>, capacity: u64) -> Self {
        Self {
            name: name.into(),
            capacity,
        }
    }
}

/// The tiers and the limits of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineConfig {
    /// Hottest first. Default: hot 256 KiB, warm 1 MiB, cold 4 MiB.
    pub tiers: Vec<TierConfig>,
    /// The limit for the capacities of all tiers together, in bytes. Default: 16 MiB.
    pub max_capacity: u64,
    /// The model and rank that it caches for.
    pub metadata: Metadata,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            tiers: vec![
                TierConfig::new("hot", 256 << 10),
                TierConfig::new("warm", 1 << 20),
                TierConfig::new("cold", 4 << 20),
            ],
            max_capacity: 16 << 20,
            metadata: Metadata::default(),
        }
    }
}

/// Names that are used as paths of other endpoints.
const RESERVED_TIER_NAMES: [&str; 3] = ["stats", "blocks", "evict"];

impl EngineConfig {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.tiers.is_empty() {
            return Err(ConfigError::NoTiers);
        }
        for (index, tier) in self.tiers.iter().enumerate() {
            let name = &tier.name;
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            let reserved = RESERVED_TIER_NAMES.contains(&name.as_str());
            if name.is_empty() || reserved || !name.bytes().all(plain) {
                return Err(ConfigError::TierName(name.clone()));
            }
            if self.tiers[..index].iter().any(|other| other.name == *name) {
                return Err(ConfigError::DuplicateTier(name.clone()));
            }
        }
        let capacities = self.tiers.iter().map(|tier| tier.capacity);
        let capacity = capacities.fold(0, u64::saturating_add);
        if capacity > self.max_capacity {
            return Err(ConfigError::Capacity {
                capacity,
                max_capacity: self.max_capacity,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tiers: &[(&str, u64)], max_capacity: u64) -> Result<(), ConfigError> {
        let tiers = tiers
            .iter()
            .map(|(name, capacity)| TierConfig::new(*name, *capacity))
            .collect();
        let metadata = Metadata::default();
        EngineConfig {
            tiers,
            max_capacity,
            metadata,
        }
        .check()
    }

    #[test]
    fn the_default_is_valid() {
        assert_eq!(EngineConfig::default().check(), Ok(()));
    }

    #[test]
    fn each_mistake_is_named() {
        assert_eq!(check(&[], 9), Err(ConfigError::NoTiers));
        for name in ["", "a/b", "stats", "blocks", "evict", "ü"] {
            let error = ConfigError::TierName(name.to_owned());
            assert_eq!(check(&[(name, 1)], 9), Err(error));
        }
        let twice = ConfigError::DuplicateTier("a".to_owned());
        assert_eq!(check(&[("a", 1), ("b", 1), ("a", 1)], 9), Err(twice));
        let error = check(&[("a", u64::MAX), ("b", 1)], 9).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("18446744073709551615") && text.contains('9'),
            "{text}"
        );
    }
}
