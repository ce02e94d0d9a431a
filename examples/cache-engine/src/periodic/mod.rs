//! The cache's own periodic threads, one of each level.

mod evictor;
mod expander;
mod heartbeat;
mod stats_logger;

pub use self::heartbeat::Pulse;
