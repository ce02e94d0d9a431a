//! The atomics of the histogram shards. `tests/shards_loom.rs` replaces this module with loom's.

pub(super) use std::sync::atomic::{AtomicU64, Ordering};
