//! `memory_expander`: grows a full cache slowly.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use admin_runtime::{PeriodicError, PeriodicThread, RunSummary, State, periodic};

use crate::engine::Engine;
use crate::stats::TierStats;

/// Bytes of one step, and steps of one run.
const STEP: u64 = 64 << 10;
const STEPS: u64 = 16;

/// Pause between two steps, so that memory use grows slowly.
const PACE: Duration = Duration::from_millis(100);

/// Whether a tier is so full that it will evict soon.
fn is_short(tier: &TierStats) -> bool {
    tier.bytes > tier.capacity / 5 * 4
}

/// Expands the coldest tier by up to 1 MiB while it is more than four fifths full.
#[periodic(level = "low", interval = "1m", init_wait = "30s", timeout = "2m")]
fn memory_expander(
    engine: State<Arc<Engine>>,
    this: PeriodicThread,
) -> Result<RunSummary, PeriodicError> {
    let mut added = 0;
    for _ in 0..STEPS {
        let stats = engine.stats();
        let Some(coldest) = stats.tiers.last().filter(|tier| is_short(tier)) else {
            break;
        };
        let expanded = engine.expand(&coldest.name, STEP)?;
        added += expanded.after - expanded.before;
        if expanded.after == expanded.before || this.stop_requested() {
            break;
        }
        thread::sleep(PACE);
    }
    Ok(RunSummary::new(format!("added {added} bytes")).with("bytes", added))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, EngineConfig};

    #[test]
    fn a_tier_is_short_above_four_fifths() {
        let engine = Engine::new(EngineConfig::default()).unwrap();
        let mut tier = engine.stats().tiers.remove(0);
        for (bytes, short) in [
            (0, false),
            (209_712, false),
            (209_716, true),
            (262_144, true),
        ] {
            tier.bytes = bytes;
            assert_eq!(is_short(&tier), short, "{bytes} of {}", tier.capacity);
        }
    }
}
