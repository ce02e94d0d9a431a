//! A thread that requests blocks, so that the cache has traffic.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::engine::Engine;
use crate::traffic::{Traffic, block, fill};

/// What traffic to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadConfig {
    /// The same seed requests the same blocks in the same order. Default 0.
    pub seed: u64,
    /// Lookups per second, at most [`MAX_PER_SECOND`](LoadConfig::MAX_PER_SECOND); 0 for none.
    /// Default 50.
    pub per_second: u32,
    /// Number of different blocks; the n-th is requested about 1/n as often as the first.
    /// Default 4096.
    pub blocks: u32,
}

impl LoadConfig {
    /// The highest rate; higher values are reduced to it. The load is an example, not a benchmark.
    pub const MAX_PER_SECOND: u32 = 10_000;
}

impl Default for LoadConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            per_second: 50,
            blocks: 4096,
        }
    }
}

/// A running load: looks blocks up and inserts missing ones, on a thread named `cache-load`.
/// It stops when dropped.
///
/// ```
/// use cache_engine::{Engine, EngineConfig, LoadConfig, LoadGenerator};
/// use std::sync::Arc;
///
/// let engine = Arc::new(Engine::new(EngineConfig::default())?);
/// let load = LoadGenerator::start(Arc::clone(&engine), LoadConfig::default())?;
/// load.stop();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "the load stops when this is dropped"]
pub struct LoadGenerator {
    // Nothing is sent; dropping it stops the thread.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Interval between two wake-ups, each for several lookups.
const TICK: Duration = Duration::from_millis(100);
const TICKS_PER_SECOND: u32 = 10;

impl LoadGenerator {
    /// Starts the load.
    ///
    /// # Errors
    ///
    /// If the thread cannot be started.
    pub fn start(engine: Arc<Engine>, config: LoadConfig) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel::<()>();
        let mut traffic = Traffic::new(config.seed, config.blocks);
        let mut pace = Pace::new(config.per_second);
        let thread = thread::Builder::new()
            .name("cache-load".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    for _ in 0..pace.tick() {
                        ask(&engine, traffic.next());
                    }
                }
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Stops the load and waits until its thread has ended, as dropping it does.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for LoadGenerator {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the load thread panicked");
        }
    }
}

/// Spreads a rate evenly over ticks.
struct Pace {
    per_second: u32,
    credit: u32,
}

impl Pace {
    fn new(per_second: u32) -> Self {
        Self {
            per_second: per_second.min(LoadConfig::MAX_PER_SECOND),
            credit: 0,
        }
    }

    /// The number of lookups of this tick.
    fn tick(&mut self) -> u32 {
        self.credit += self.per_second;
        let due = self.credit / TICKS_PER_SECOND;
        self.credit %= TICKS_PER_SECOND;
        due
    }
}

fn ask(engine: &Engine, place: u64) {
    let (key, bytes) = block(place);
    let hit = engine.get(key).is_some();
    tracing::debug!(block = %key, hit, "looked up");
    if !hit && let Err(error) = engine.put(fill(key, bytes)) {
        tracing::debug!(%error, "a block of the load is not cached");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EngineConfig;

    fn in_a_second(per_second: u32) -> u32 {
        let mut pace = Pace::new(per_second);
        (0..TICKS_PER_SECOND).map(|_| pace.tick()).sum()
    }

    #[test]
    fn every_rate_is_met_and_none_exceeded() {
        for per_second in [0, 1, 9, 10, 11, 50, 999, 10_000] {
            assert_eq!(in_a_second(per_second), per_second);
        }
        assert_eq!(in_a_second(u32::MAX), LoadConfig::MAX_PER_SECOND);
    }

    #[test]
    fn a_missed_block_is_inserted_and_then_hit() {
        let engine = Engine::new(EngineConfig::default()).unwrap();
        ask(&engine, 1);
        ask(&engine, 1);
        let stats = engine.stats();
        assert_eq!((stats.misses, stats.inserted, stats.hits), (1, 1, 1));
    }

    #[test]
    fn the_default_load_fills_every_tier_and_evicts() {
        let engine = Engine::new(EngineConfig::default()).unwrap();
        let mut traffic = Traffic::new(0, LoadConfig::default().blocks);
        for _ in 0..20_000 {
            ask(&engine, traffic.next());
        }
        let stats = engine.stats();
        assert_eq!(stats.hits + stats.misses, 20_000);
        assert!(
            stats.evicted > 0 && stats.hit_ratio > Some(0.5),
            "{stats:?}"
        );
        for tier in &stats.tiers {
            assert!(tier.hits > 0 && tier.bytes > tier.capacity / 2, "{tier:?}");
        }
    }

    #[test]
    fn a_stopped_load_releases_the_engine() {
        let engine = Arc::new(Engine::new(EngineConfig::default()).unwrap());
        let load = LoadGenerator::start(Arc::clone(&engine), LoadConfig::default()).unwrap();
        assert_eq!(Arc::strong_count(&engine), 2);
        load.stop();
        assert_eq!(Arc::strong_count(&engine), 1);
    }
}
