//! The last runs of one thread.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::Value;

use super::outcome::RunResult;
use super::wire::{milliseconds, rounded_seconds, since_1970};

/// One run that has ended, as routes show it.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, RunSummary, periodic};
/// use std::time::Duration;
///
/// #[periodic]
/// fn evictor() -> RunSummary {
///     RunSummary::new("evicted").with("blocks", 3)
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let running = server.periodic_threads().start()?;
/// let evictor = running.threads().get("evictor").ok_or("not linked")?;
/// assert!(evictor.wait_until(Duration::from_secs(20), |status| status.total_runs == 1));
/// let mut run = serde_json::to_value(&*evictor.recent_runs()[0])?;
/// # assert!(run["timestamp"].is_f64() && run["duration_ms"].is_f64());
/// # run["timestamp"] = 1735689600.25.into();
/// # run["duration_ms"] = 12.345.into();
/// assert_eq!(run, serde_json::json!({
///     "timestamp": 1735689600.25, "duration_ms": 12.345, "success": true,
///     "message": "evicted", "extra_info": { "blocks": 3 },
/// }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RunRecord {
    /// When it began: seconds since 1970 on the wall clock, with three places.
    pub timestamp: f64,
    /// How long it took; serialised in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// Whether it succeeded.
    pub success: bool,
    /// The message of the summary, or why the run failed.
    pub message: String,
    /// The extra information of the summary.
    pub extra_info: BTreeMap<String, Value>,
}

impl RunRecord {
    pub(super) fn new(began: SystemTime, duration: Duration, result: RunResult) -> Self {
        let success = result.is_ok();
        let (message, extra_info) = match result {
            Ok(summary) => summary.into_parts(),
            Err(error) => (error.into_message(), BTreeMap::new()),
        };
        Self {
            timestamp: rounded_seconds(since_1970(began)),
            duration,
            success,
            message,
            extra_info,
        }
    }
}

/// Older runs are forgotten.
const MAX_KEPT_RUNS: usize = 16;

/// The last runs of one thread.
#[derive(Debug, Default)]
pub(super) struct RunHistory {
    /// Runs that have ended, oldest first.
    ended: VecDeque<Arc<RunRecord>>,
    /// When the last run began, also one that has not ended yet.
    last_began: Option<SystemTime>,
}

impl RunHistory {
    pub(super) fn begin(&mut self, wall: SystemTime) {
        self.last_began = Some(wall);
    }

    pub(super) fn push(&mut self, run: RunRecord) {
        if self.ended.len() == MAX_KEPT_RUNS {
            self.ended.pop_front();
        }
        self.ended.push_back(Arc::new(run));
    }

    pub(super) fn last_began(&self) -> Option<SystemTime> {
        self.last_began
    }

    pub(super) fn last_ended(&self) -> Option<&Arc<RunRecord>> {
        self.ended.back()
    }

    pub(super) fn newest_first(&self) -> Vec<Arc<RunRecord>> {
        self.ended.iter().rev().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::super::run_summary::RunSummary;
    use super::*;

    #[test]
    fn the_last_sixteen_runs_are_kept() {
        let mut history = RunHistory::default();
        for n in 0..40u32 {
            let result = Ok(RunSummary::new(n.to_string()));
            history.push(RunRecord::new(UNIX_EPOCH, Duration::ZERO, result));
        }
        let runs = history.newest_first();
        let messages: Vec<_> = runs.iter().map(|run| &*run.message).collect();
        assert_eq!(
            (messages.len(), messages[0], messages[15]),
            (16, "39", "24")
        );
    }
}
