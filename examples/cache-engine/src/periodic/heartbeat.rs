//! `heartbeat`: checks that the cache is consistent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use admin_runtime::periodic::{NotRunning, PeriodicThreads};
use admin_runtime::{
    AdminError, Audit, PeriodicError, RunSummary, State, admin_endpoint, periodic,
};

use crate::engine::Engine;
use crate::stats::Stats;

/// A switch that makes the heartbeat fail, to try out health checks.
#[derive(Debug, Default)]
pub struct Pulse {
    broken: AtomicBool,
}

impl Pulse {
    /// Makes every run fail from now on.
    pub fn break_it(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }

    /// Makes runs succeed again; returns whether it was broken.
    pub fn repair(&self) -> bool {
        self.broken.swap(false, Ordering::Relaxed)
    }

    /// Whether every run fails.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }
}

/// The inconsistency of a snapshot, if there is one.
fn fault(stats: &Stats) -> Option<String> {
    let gone = stats.replaced + stats.evicted + stats.removed;
    if stats.inserted != stats.blocks + gone {
        return Some(format!(
            "{} blocks inserted, {} held and {gone} gone do not add up",
            stats.inserted, stats.blocks
        ));
    }
    let full = stats.tiers.iter().find(|tier| tier.bytes > tier.capacity)?;
    Some(format!(
        "tier {} holds {} bytes of {}",
        full.name, full.bytes, full.capacity
    ))
}

/// Checks that the cache responds and that its counts are consistent.
#[periodic(level = "critical", interval = "10s")]
fn heartbeat(engine: State<Arc<Engine>>) -> Result<RunSummary, PeriodicError> {
    if engine.pulse().is_broken() {
        return Err(PeriodicError::new(
            "broken on purpose: POST /heartbeat/repair repairs it",
        ));
    }
    let stats = engine.stats();
    match fault(&stats) {
        Some(fault) => Err(PeriodicError::new(fault)),
        None => Ok(RunSummary::new("alive").with("blocks", stats.blocks)),
    }
}

/// Repair a heartbeat that was broken on purpose.
///
/// It runs again immediately.
#[admin_endpoint(method = "POST", path = "/heartbeat/repair", runtime = "admin")]
async fn repair(
    engine: State<Arc<Engine>>,
    threads: PeriodicThreads,
    audit: Audit,
) -> Result<&'static str, AdminError> {
    let was_broken = engine.pulse().repair();
    audit.change(if was_broken { "broken" } else { "whole" }, "whole");
    if let Some(heartbeat) = threads.get("heartbeat") {
        // It is repaired even if it does not run, as in a mounted server.
        let conflict = |refused: NotRunning| AdminError::conflict(refused.to_string());
        heartbeat.run_now().map_err(conflict)?;
    }
    Ok(if was_broken {
        "repaired"
    } else {
        "nothing to repair"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Block, BlockKey, EngineConfig};

    #[test]
    fn inconsistent_counts_are_reported() {
        let engine = Engine::new(EngineConfig::default()).unwrap();
        engine.put(Block::new(BlockKey(1), vec![0; 64])).unwrap();
        engine.remove(BlockKey(1));
        let stats = engine.stats();
        assert_eq!(fault(&stats), None);

        let lost = Stats {
            blocks: 5,
            ..stats.clone()
        };
        assert!(fault(&lost).unwrap().contains("do not add up"));
        let mut full = stats;
        full.tiers[0].bytes = full.tiers[0].capacity + 1;
        assert!(
            fault(&full)
                .unwrap()
                .starts_with("tier hot holds 262145 bytes")
        );
    }

    #[test]
    fn a_pulse_is_broken_until_repaired() {
        let pulse = Pulse::default();
        assert!(!pulse.is_broken() && !pulse.repair());
        pulse.break_it();
        assert!(pulse.is_broken() && pulse.repair() && !pulse.is_broken());
    }
}
