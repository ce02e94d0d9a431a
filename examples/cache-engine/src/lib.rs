//! A component as a user would write it: a bounded in-memory block cache in tiers, with its own
//! admin endpoints.
//!
//! Blocks stand for chunks of a model's key-value cache. A block that was just used is in the
//! hottest tier that can hold it; what a tier cannot hold any more goes down to the next; what the
//! last cannot hold is gone. A [`LoadGenerator`] keeps the cache busy.
//!
//! The endpoints register themselves: a binary that links this crate and gives its server an
//! `Arc<Engine>` as state serves `GET /cache/stats` and the others. So do its periodic threads:
//! `heartbeat`, `evictor`, `stats_logger` and `memory_expander`.
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

// Where: one list, one tier, all tiers. No lock, no clock, no I/O.
mod lru;
mod stats;
mod tier;
mod tiers;

// The shared cache, what it is built from and what it can answer.
mod config;
mod engine;
mod error;
mod fraction;

// Shell.
mod endpoints;
mod load;
mod meters;
mod periodic;
mod script;
mod traffic;

pub use block::{Block, BlockKey};
pub use config::{EngineConfig, TierConfig};
pub use engine::Engine;
pub use error::{ConfigError, TooLarge, UnknownTier};
pub use fraction::Fraction;
pub use load::{LoadConfig, LoadGenerator};
pub use metadata::{KvShape, Metadata};
pub use periodic::Pulse;
pub use script::Adapter;
pub use stats::{BlockInfo, Dropped, Expanded, Stats, TierStats};
