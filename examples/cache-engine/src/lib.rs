//! A component as a user would write it: a bounded in-memory block cache in tiers, with its own
//! admin endpoints.
//!
//! A block represents a chunk of a model's key-value cache. A used block moves to the hottest tier
//! that can hold it. A full tier demotes its least recently used blocks to the next tier, and the
//! last tier evicts them. A [`LoadGenerator`] requests blocks.
//!
//! The endpoints register themselves: a binary that links this crate and gives its server an
//! `Arc<Engine>` as state serves `GET /cache/stats` and the others. So do its periodic threads:
//! `heartbeat`, `evictor`, `stats_logger` and `memory_expander`, and its ready check `eviction`.
//!
//! ```
//! use admin_runtime::AdminServer;
//! use cache_engine::{Block, BlockKey, Engine, EngineConfig};
//! use std::sync::Arc;
//!
//! admin_runtime::link!(cache_engine);
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = Arc::new(Engine::new(EngineConfig::default())?);
//! engine.put(Block::new(BlockKey(7), vec![0; 4096]))?;
//! assert_eq!(engine.get(BlockKey(7)).map(|block| block.data().len()), Some(4096));
//!
//! let admin = AdminServer::builder().state(engine).bind("127.0.0.1:0").start()?;
//! println!("curl http://{}/cache/stats", admin.local_addr());
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

// What is cached.
mod block;
mod metadata;

// The tiers: no lock, no clock, no I/O.
mod lru;
mod stats;
mod tier;
mod tiers;

// The shared cache, its configuration and its errors.
mod config;
mod engine;
mod error;
mod fraction;

// Shell.
mod endpoints;
mod eviction;
mod load;
mod meters;
mod periodic;
mod script;
mod traffic;

pub use self::block::{Block, BlockKey};
pub use self::config::{EngineConfig, TierConfig};
pub use self::engine::Engine;
pub use self::error::{ConfigError, TooLarge, UnknownTier};
pub use self::fraction::Fraction;
pub use self::load::{LoadConfig, LoadGenerator};
pub use self::metadata::{KvShape, Metadata};
pub use self::periodic::Pulse;
pub use self::script::Adapter;
pub use self::stats::{BlockInfo, Dropped, Expanded, Stats, TierStats};
