//! All threads of a server at one moment: the list, the counts and the health.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::criticality::Criticality;
use super::status::{Filter, ThreadStatus};
use super::wire::{optional_seconds, seconds, shared_text};

/// The reply of `GET /periodic-threads`.
///
/// ```standalone_crate
/// use admin_runtime::periodic::{Criticality, Filter};
/// use admin_runtime::{AdminServer, periodic};
///
/// #[periodic(level = "critical")]
/// fn heartbeat() {}
///
/// #[periodic(level = "low")]
/// fn sampler() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = AdminServer::builder().build()?;
/// let filter = Filter::default().with_level(Criticality::Low);
/// let overview = server.periodic_threads().overview(&filter);
/// assert_eq!(overview.threads.len(), 1);
/// assert_eq!(&*overview.threads[0].name, "sampler");
/// assert_eq!(overview.summary.total_count, 2, "the counts include all threads");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Overview {
    /// The counts of all threads, whatever the filter.
    pub summary: Summary,
    /// The threads that match the filter, sorted by name.
    pub threads: Vec<ThreadStatus>,
}

/// The counts of all threads.
///
/// ```
/// use admin_runtime::periodic::Summary;
///
/// let json = serde_json::to_value(Summary::default())?;
/// assert_eq!(json["total_count"], 0);
/// assert_eq!(json["by_level"]["low"]["total"], 0, "levels without threads are included");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// All threads.
    pub total_count: usize,
    /// Threads that exist and loop.
    pub running_count: usize,
    /// Threads that are active.
    pub active_count: usize,
    /// The same for each level.
    pub by_level: CountsByCriticality,
}

/// The counts of each level, also of those without threads.
///
/// ```
/// use admin_runtime::periodic::CountsByCriticality;
///
/// let mut counts = CountsByCriticality::default();
/// counts.high.active = 1;
/// let json = serde_json::to_value(&counts)?;
/// assert_eq!((&json["high"]["active"], &json["critical"]["active"]), (&1.into(), &0.into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct CountsByCriticality {
    /// Threads of level critical.
    pub critical: ThreadCounts,
    /// Threads of level high.
    pub high: ThreadCounts,
    /// Threads of level medium.
    pub medium: ThreadCounts,
    /// Threads of level low.
    pub low: ThreadCounts,
}

/// The counts of one level.
///
/// ```
/// use admin_runtime::periodic::ThreadCounts;
///
/// let mut one_is_stuck = ThreadCounts::default();
/// (one_is_stuck.total, one_is_stuck.running, one_is_stuck.active) = (2, 2, 1);
/// let json = serde_json::to_string(&one_is_stuck)?;
/// assert_eq!(json, r#"{"total":2,"running":2,"active":1}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ThreadCounts {
    /// All threads.
    pub total: usize,
    /// Threads that exist and loop.
    pub running: usize,
    /// Threads that are active.
    pub active: usize,
}

impl Overview {
    pub(super) fn new(threads: impl Iterator<Item = ThreadStatus>, filter: &Filter) -> Self {
        let mut summary = Summary::default();
        let mut matching = Vec::with_capacity(threads.size_hint().0);
        for thread in threads {
            summary.count(&thread);
            if filter.matches(&thread) {
                matching.push(thread);
            }
        }
        Self {
            summary,
            threads: matching,
        }
    }
}

impl Summary {
    fn count(&mut self, thread: &ThreadStatus) {
        let running = usize::from(thread.is_running);
        let active = usize::from(thread.is_active);
        self.total_count += 1;
        self.running_count += running;
        self.active_count += active;
        let counts = match thread.level {
            Criticality::Critical => &mut self.by_level.critical,
            Criticality::High => &mut self.by_level.high,
            Criticality::Medium => &mut self.by_level.medium,
            Criticality::Low => &mut self.by_level.low,
        };
        counts.total += 1;
        counts.running += running;
        counts.active += active;
    }
}

/// The reply of `GET /periodic-threads-health`.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, periodic};
///
/// #[periodic(level = "critical", interval = "10s")]
/// fn heartbeat() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?; // only `start()` lets it run
/// let health = server.periodic_threads().health();
/// assert!(health.not_started.is_some_and(|text| text.contains("periodic_threads().start()")));
/// assert_eq!(serde_json::to_value(&health)?, serde_json::json!({
///     "healthy": false, "unhealthy_count": 1, "unhealthy_threads": [
///         { "name": "heartbeat", "level": "critical", "last_run_ago": null, "interval": 10.0 },
///     ],
///     "not_started": health.not_started,
/// }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// Whether every critical and high thread is active.
    pub healthy: bool,
    /// How many of them are not.
    pub unhealthy_count: usize,
    /// Those that are not, sorted by name.
    pub unhealthy_threads: Vec<UnhealthyThread>,
    /// Why none of them runs, and what to write, if nothing has started the threads of the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_started: Option<&'static str>,
}

/// The server is mounted, and who mounts it has not started its threads.
const NOT_STARTED_MESSAGE: &str = "this server is mounted and its periodic threads were not started: call `server.periodic_threads().start()` and keep what it returns";

/// A critical or high thread that is not active.
///
/// ```standalone_crate
/// use admin_runtime::periodic::{Criticality, UnhealthyThread};
/// use admin_runtime::{AdminServer, periodic};
///
/// /// The line of one thread in an alert.
/// fn alert(thread: &UnhealthyThread) -> String {
///     format!("{} ({}) is not active", thread.name, thread.level)
/// }
///
/// #[periodic(level = "high")]
/// fn evictor() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?; // only `start()` lets it run
/// let health = server.periodic_threads().health();
/// assert_eq!(health.unhealthy_threads[0].level, Criticality::High);
/// assert_eq!(alert(&health.unhealthy_threads[0]), "evictor (high) is not active");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct UnhealthyThread {
    /// The name.
    #[serde(serialize_with = "shared_text")]
    pub name: Arc<str>,
    /// How much depends on it.
    pub level: Criticality,
    /// How long ago its last run began; serialised in seconds.
    #[serde(serialize_with = "optional_seconds")]
    pub last_run_ago: Option<Duration>,
    /// The interval; serialised in seconds.
    #[serde(serialize_with = "seconds")]
    pub interval: Duration,
}

impl Health {
    pub(super) fn new(threads: impl Iterator<Item = ThreadStatus>, was_started: bool) -> Self {
        let unhealthy_threads: Vec<_> = threads
            .filter(|thread| thread.level.affects_health() && !thread.is_active)
            .map(UnhealthyThread::from_status)
            .collect();
        Self {
            healthy: unhealthy_threads.is_empty(),
            unhealthy_count: unhealthy_threads.len(),
            not_started: (!was_started && !unhealthy_threads.is_empty())
                .then_some(NOT_STARTED_MESSAGE),
            unhealthy_threads,
        }
    }
}

impl UnhealthyThread {
    fn from_status(status: ThreadStatus) -> Self {
        Self {
            name: status.name,
            level: status.level,
            last_run_ago: status.last_run_ago,
            interval: status.interval,
        }
    }
}
