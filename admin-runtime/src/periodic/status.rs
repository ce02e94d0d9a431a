//! One thread at one moment, as routes show it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::criticality::Criticality;
use super::health::current_state;
use super::history::{RunHistory, RunRecord};
use super::identity::ThreadIdentity;
use super::life::LifeCycle;
use super::schedule::Moment;
use super::state::ThreadState;
use super::wire::{optional_seconds, seconds, shared, shared_text, thousandths, utc};

/// One thread at one moment.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, periodic};
///
/// #[periodic(level = "high", interval = "1m30s")]
/// fn evictor() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?; // only `start()` lets them run
/// let status = server.periodic_threads().get("evictor").ok_or("not linked")?.status();
/// assert_eq!(serde_json::to_value(&status)?, serde_json::json!({
///     "name": "evictor", "level": "high", "interval": 90.0, "init_wait": 0.0,
///     "is_running": false, "is_active": false, "state": "stopped",
///     "last_run_time": null, "last_run_ago": null, "last_summary": null,
///     "total_runs": 0, "failed_runs": 0, "success_rate": null,
///     "overruns": 0, "consecutive_failures": 0,
/// }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ThreadStatus {
    /// The name.
    #[serde(serialize_with = "shared_text")]
    pub name: Arc<str>,
    /// How much depends on it.
    pub level: Criticality,
    /// The interval; serialised in seconds.
    #[serde(serialize_with = "seconds")]
    pub interval: Duration,
    /// The wait before the first run; serialised in seconds.
    #[serde(serialize_with = "seconds")]
    pub init_wait: Duration,
    /// Whether the thread exists and loops.
    pub is_running: bool,
    /// Whether it is starting, waiting or running, without a fault.
    pub is_active: bool,
    /// When the last run began, on the wall clock; serialised in UTC.
    #[serde(serialize_with = "utc")]
    pub last_run_time: Option<SystemTime>,
    /// How long ago that was, on the monotonic clock; serialised in seconds.
    #[serde(serialize_with = "optional_seconds")]
    pub last_run_ago: Option<Duration>,
    /// The number of runs that have ended.
    pub total_runs: u64,
    /// The number of runs that failed.
    pub failed_runs: u64,
    /// The percentage of runs that succeeded, with three places.
    pub success_rate: Option<f64>,
    /// The last run that has ended.
    #[serde(serialize_with = "shared")]
    pub last_summary: Option<Arc<RunRecord>>,
    /// The worst fault, or the step of the life cycle.
    pub state: ThreadState,
    /// The number of runs that took longer than the interval.
    pub overruns: u64,
    /// The number of failures since the last success.
    pub consecutive_failures: u32,
}

impl ThreadStatus {
    pub(super) fn new(
        identity: &ThreadIdentity,
        life: &LifeCycle,
        history: &RunHistory,
        now: Moment,
    ) -> Self {
        let settings = &identity.settings;
        let state = current_state(settings, life, now);
        Self {
            name: Arc::clone(&identity.name),
            level: settings.level,
            interval: settings.interval,
            init_wait: settings.init_wait,
            is_running: life.is_running(),
            is_active: state.is_active(),
            last_run_time: history.last_began(),
            last_run_ago: life.last_began.map(|began| now.saturating_sub(began)),
            total_runs: life.runs,
            failed_runs: life.failed_runs,
            success_rate: percentage(life.runs - life.failed_runs, life.runs),
            last_summary: history.last_ended().cloned(),
            state,
            overruns: life.overruns,
            consecutive_failures: life.consecutive_failures,
        }
    }

    /// Whether the two differ in nothing but the time that has passed.
    pub(super) fn same_events(&self, other: &Self) -> bool {
        let events = |status: &Self| {
            let counts = (status.total_runs, status.failed_runs, status.overruns);
            let failures = status.consecutive_failures;
            (status.state, counts, failures, status.last_run_time)
        };
        events(self) == events(other)
    }
}

/// A part of a whole in percent; `None` if the whole is 0.
fn percentage(part: u64, whole: u64) -> Option<f64> {
    let scaled = u128::from(part) * 100_000 + u128::from(whole / 2);
    let thousandths_of_percent = scaled.checked_div(u128::from(whole))?;
    u64::try_from(thousandths_of_percent).ok().map(thousandths)
}

/// Which threads a list shows; conditions add up, and the default shows all.
///
/// ```
/// use admin_runtime::periodic::{Criticality, Filter};
///
/// // ?level=critical&running_only=true
/// let filter = Filter::default().with_level(Criticality::Critical).with_running_only(true);
/// assert_eq!((filter.level, filter.active_only), (Some(Criticality::Critical), false));
/// assert!(filter.with_active_only(true).active_only);
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Filter {
    /// Only threads of this level.
    pub level: Option<Criticality>,
    /// Only threads that exist and loop.
    pub running_only: bool,
    /// Only threads that are active.
    pub active_only: bool,
}

impl Filter {
    /// Shows only this level; `None` shows all.
    #[must_use]
    pub fn with_level(mut self, level: impl Into<Option<Criticality>>) -> Self {
        self.level = level.into();
        self
    }

    /// Shows only threads that exist and loop.
    #[must_use]
    pub fn with_running_only(mut self, only: bool) -> Self {
        self.running_only = only;
        self
    }

    /// Shows only threads that are active.
    #[must_use]
    pub fn with_active_only(mut self, only: bool) -> Self {
        self.active_only = only;
        self
    }

    pub(super) fn matches(&self, thread: &ThreadStatus) -> bool {
        self.level.is_none_or(|level| level == thread.level)
            && (thread.is_running || !self.running_only)
            && (thread.is_active || !self.active_only)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_rounded_to_three_places() {
        for (part, whole, expected) in [
            (0, 0, None),
            (0, 3, Some(0.0)),
            (1, 3, Some(33.333)),
            (2, 3, Some(66.667)),
            (u64::MAX, u64::MAX, Some(100.0)),
        ] {
            assert_eq!(percentage(part, whole), expected, "{part} of {whole}");
        }
    }
}
