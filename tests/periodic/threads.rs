//! The periodic threads that are linked into this binary.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use admin_runtime::{PeriodicError, RunSummary, State, periodic};

/// Makes the heartbeat of one server misbehave.
#[derive(Clone, Default)]
pub(crate) struct Switch(Arc<AtomicU8>);

impl Switch {
    pub(crate) const FAIL: u8 = 1;
    pub(crate) const DIE: u8 = 2;
    pub(crate) const PANIC: u8 = 3;

    fn mode(&self) -> u8 {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn set(&self, mode: u8) {
        self.0.store(mode, Ordering::SeqCst);
    }
}

/// Beats.
#[periodic(level = "critical", interval = "100ms")]
fn heartbeat(
    /// Docs on arguments are removed.
    switch: State<Switch>,
) -> Result<RunSummary, PeriodicError> {
    match switch.mode() {
        Switch::FAIL => Err(PeriodicError::new("the scheduler does not answer")),
        Switch::DIE => Err(PeriodicError::fatal("the scheduler is gone")),
        Switch::PANIC => panic!("out of {}", "breath"),
        _ => Ok(RunSummary::new("beat").with("peers", 3)),
    }
}

/// The attribute as users write it first.
#[periodic(level = "high")]
async fn evictor() {}

#[periodic(
    interval = "1h",
    init_wait = "1m30s",
    jitter = "2s",
    timeout = "2h",
    schedule = "fixed_rate",
    failures = 5,
    backoff = "2h",
    name = "stats logger"
)]
fn stats() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[periodic(level = "low")]
#[cfg(any())]
fn not_here() {}
