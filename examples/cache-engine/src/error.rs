//! Errors, each with what is allowed.

use std::fmt;

use admin_runtime::text::excerpt;

use crate::block::BlockKey;

/// Why an engine cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no tier.
    NoTiers,
    /// A name that is invalid in a URL of the cache.
    TierName(String),
    /// Two tiers have this name.
    DuplicateTier(String),
    /// The tiers together exceed the limit of the cache.
    Capacity {
        /// The capacity of all tiers in bytes.
        capacity: u64,
        /// The limit in bytes.
        max_capacity: u64,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTiers => f.write_str("the cache has no tier: configure at least one"),
            Self::TierName(name) => write!(
                f,
                "'{name}' cannot name a tier: use letters, digits, - and _, and none of the words stats, blocks, evict"
            ),
            Self::DuplicateTier(name) => write!(f, "two tiers are named '{name}'"),
            Self::Capacity {
                capacity,
                max_capacity,
            } => write!(
                f,
                "the tiers hold {capacity} bytes, more than the max_capacity of {max_capacity}: lower a tier or raise it"
            ),
        }
    }
}

impl std::error::Error for ConfigError {}

/// A block that no tier can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// The block.
    pub key: BlockKey,
    /// Its footprint.
    pub bytes: u64,
    /// The capacity of the largest tier.
    pub largest: u64,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key,
            bytes,
            largest,
        } = self;
        write!(
            f,
            "block {key} takes {bytes} bytes, more than the largest tier's {largest}"
        )
    }
}

impl std::error::Error for TooLarge {}

/// Longest name that a message repeats, in characters.
const MAX_QUOTED_CHARS: usize = 100;

/// There is no tier of this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTier {
    /// The name.
    pub tier: String,
    /// The names of all tiers, hottest first.
    pub tiers: Vec<String>,
}

impl fmt::Display for UnknownTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.tiers.join(", ");
        let tier = excerpt(&self.tier, MAX_QUOTED_CHARS);
        write!(f, "No tier '{tier}'; there are {known}")
    }
}

impl std::error::Error for UnknownTier {}
