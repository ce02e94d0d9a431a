//! The atomics of the histogram's shards: the standard ones here, the model checker's in
//! `tests/shards_loom.rs`.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
