//! The last runs of one thread.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::Value;

use super::outcome::RunResult;
use super::wire::{milliseconds, rounded_seconds};

/// One run that has ended, as routes show it.
///
/// ```
/// use admin_runtime::RunRecord;
/// use std::time::Duration;
///
/// let run = RunRecord {
///     timestamp: 1735689600.25,
///     duration: Duration::from_micros(12_345),
///     success: true,
///     message: "evicted".to_owned(),
///     extra_info: [("blocks".to_owned(), 3.into())].into(),
/// };
/// assert_eq!(serde_json::to_value(&run)?, serde_json::json!({
///     "timestamp": 1735689600.25, "duration_ms": 12.345, "success": true,
///     "message": "evicted", "extra_info": { "blocks": 3 },
/// }));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunRecord {
    /// When it began: seconds since 1970 on the wall clock, to three places.
    pub timestamp: f64,
    /// How long it took, in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// Whether it succeeded.
    pub success: bool,
    /// What it said, or why it failed.
    pub message: String,
    /// What else it said.
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

/// The time since 1970; a clock set before that counts as 1970.
pub(super) fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Runs that are kept.
const KEPT: usize = 16;

/// The last runs, oldest first.
#[derive(Debug, Default)]
pub(super) struct History(VecDeque<Arc<RunRecord>>);

impl History {
    pub(super) fn push(&mut self, run: RunRecord) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(Arc::new(run));
    }

    pub(super) fn last(&self) -> Option<&Arc<RunRecord>> {
        self.0.back()
    }

    /// The runs, newest first.
    pub(super) fn newest_first(&self) -> Vec<Arc<RunRecord>> {
        self.0.iter().rev().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::periodic::RunSummary;

    #[test]
    fn keeps_the_last_sixteen() {
        let mut history = History::default();
        for n in 0..40u32 {
            let result = Ok(RunSummary::new(n.to_string()));
            history.push(RunRecord::new(UNIX_EPOCH, Duration::ZERO, result));
        }
        let messages: Vec<_> = history
            .newest_first()
            .iter()
            .map(|run| run.message.clone())
            .collect();
        assert_eq!(
            (messages.len(), &*messages[0], &*messages[15]),
            (16, "39", "24")
        );
    }
}
