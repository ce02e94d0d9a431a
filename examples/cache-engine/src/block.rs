//! The unit of caching.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use serde::{Serialize, Serializer};

/// The key of a block: the hash of the tokens that it covers and of all before them.
///
/// Formatted as 16 hex digits, in JSON too, since many JSON readers lose integers beyond 2^53; parsed
/// from 1 to 16 digits.
///
/// ```
/// use cache_engine::BlockKey;
///
/// assert_eq!(BlockKey(0xbeef).to_string(), "000000000000beef");
/// assert_eq!("beef".parse(), Ok(BlockKey(0xbeef)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockKey(pub u64);

/// A text that is not a [`BlockKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidKey;

impl fmt::Display for BlockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for BlockKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        // `from_str_radix` accepts a sign.
        if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidKey);
        }
        u64::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| InvalidKey)
    }
}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a block key is 1 to 16 hex digits")
    }
}

impl std::error::Error for InvalidKey {}

impl Serialize for BlockKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for BlockKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

admin_runtime::param!(
    BlockKey,
    "1 to 16 hex digits such as 00000000000000ff",
    r#"{"pattern": "^[0-9a-fA-F]{1,16}$"}"#
);

/// A key with its bytes. A clone shares the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    key: BlockKey,
    data: Bytes,
}

impl Block {
    /// A block with this key and data.
    #[must_use]
    pub fn new(key: BlockKey, data: impl Into<Bytes>) -> Self {
        Self {
            key,
            data: data.into(),
        }
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> BlockKey {
        self.key
    }

    /// The data.
    #[must_use]
    pub fn data(&self) -> &Bytes {
        &self.data
    }

    /// Bytes that it occupies in a tier: its data and [`OVERHEAD`](Self::OVERHEAD).
    #[must_use]
    pub fn footprint(&self) -> u64 {
        self.data.len() as u64 + Self::OVERHEAD
    }

    /// Bytes of bookkeeping for each block. Counted, so that a tier full of tiny blocks is bounded
    /// too.
    pub const OVERHEAD: u64 = 96;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_hex_digits_are_a_key() {
        for text in ["", "+1", "-1", "0x1", "g", "12345678901234567", " 1"] {
            assert_eq!(text.parse::<BlockKey>(), Err(InvalidKey), "{text}");
        }
        assert_eq!("FF".parse(), Ok(BlockKey(255)));
    }

    proptest! {
        #[test]
        fn a_key_is_read_back_as_shown(key: u64) {
            prop_assert_eq!(BlockKey(key).to_string().parse(), Ok(BlockKey(key)));
        }
    }
}
