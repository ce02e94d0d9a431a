//! What routes show of periodic threads: plain values at one moment.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::Level;
use super::health::{self, PeriodicState};
use super::history::RunRecord;
use super::thread::{Inner, Thread};
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
pub struct ThreadStatus {
    /// The name.
    #[serde(serialize_with = "shared_text")]
    pub name: Arc<str>,
    /// How much depends on it.
    pub level: Level,
    /// The interval; shown in seconds.
    #[serde(serialize_with = "seconds")]
    pub interval: Duration,
    /// The wait before the first run; shown in seconds.
    #[serde(serialize_with = "seconds")]
    pub init_wait: Duration,
    /// Whether the thread exists and loops.
    pub is_running: bool,
    /// Whether it does what it is there for.
    pub is_active: bool,
    /// When the last run began, by the wall clock; shown in UTC.
    #[serde(serialize_with = "utc")]
    pub last_run_time: Option<SystemTime>,
    /// How long ago that was, by the monotonic clock; shown in seconds.
    #[serde(serialize_with = "optional_seconds")]
    pub last_run_ago: Option<Duration>,
    /// Runs that have ended.
    pub total_runs: u64,
    /// Runs that failed.
    pub failed_runs: u64,
    /// The percentage of runs that succeeded, to three places.
    pub success_rate: Option<f64>,
    /// The last run that has ended.
    #[serde(serialize_with = "shared")]
    pub last_summary: Option<Arc<RunRecord>>,
    /// What it is doing, or the worst that is wrong with it.
    pub state: PeriodicState,
    /// Runs that took longer than the interval.
    pub overruns: u64,
    /// Failures since the last success.
    pub consecutive_failures: u32,
}

impl ThreadStatus {
    pub(super) fn of(thread: &Thread, inner: &Inner) -> Self {
        let now = thread.clock.now();
        let life = &inner.life;
        let state = health::state(&thread.settings, life, now);
        Self {
            name: Arc::clone(&thread.name),
            level: thread.settings.level,
            interval: thread.settings.interval,
            init_wait: thread.settings.init_wait,
            is_running: life.is_running(),
            is_active: state.is_active(),
            last_run_time: inner.last_wall,
            last_run_ago: life.last_began.map(|began| now.saturating_sub(began)),
            total_runs: life.runs,
            failed_runs: life.failed_runs,
            success_rate: percentage(life.runs - life.failed_runs, life.runs),
            last_summary: inner.history.last().cloned(),
            state,
            overruns: life.overruns,
            consecutive_failures: life.consecutive_failures,
        }
    }

    /// Whether nothing but time has passed since.
    pub(super) fn still_holds(&self, thread: &Thread, inner: &Inner) -> bool {
        let what_changes = |status: &Self| {
            let counts = (status.total_runs, status.failed_runs, status.overruns);
            let failures = status.consecutive_failures;
            (status.state, counts, failures, status.last_run_time)
        };
        what_changes(self) == what_changes(&Self::of(thread, inner))
    }
}

/// A part of a whole in percent; `None` where there is no whole.
fn percentage(part: u64, whole: u64) -> Option<f64> {
    let scaled = u128::from(part) * 100_000 + u128::from(whole / 2);
    let thousandths_of_percent = scaled.checked_div(u128::from(whole))?;
    u64::try_from(thousandths_of_percent).ok().map(thousandths)
}

/// Which threads a list shows; its summary covers all of them in any case. The default shows all,
/// and conditions add up.
///
/// ```
/// use admin_runtime::{Level, PeriodicFilter};
///
/// // ?level=critical&running_only=true
/// let filter = PeriodicFilter {
///     level: Level::parse("critical"),
///     running_only: true,
///     ..PeriodicFilter::default()
/// };
/// assert_eq!((filter.level, filter.active_only), (Some(Level::Critical), false));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only this level.
    pub level: Option<Level>,
    /// Only those that exist and loop.
    pub running_only: bool,
    /// Only those that do what they are there for.
    pub active_only: bool,
}

impl Filter {
    fn lets_through(&self, thread: &ThreadStatus) -> bool {
        self.level.is_none_or(|level| level == thread.level)
            && (thread.is_running || !self.running_only)
            && (thread.is_active || !self.active_only)
    }
}

/// What `GET /periodic-threads` shows.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, Level, PeriodicFilter, periodic};
///
/// #[periodic(level = "critical")]
/// fn heartbeat() {}
///
/// #[periodic(level = "low")]
/// fn sampler() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = AdminServer::builder().build()?;
/// let low = PeriodicFilter { level: Some(Level::Low), ..PeriodicFilter::default() };
/// let overview = server.periodic_threads().overview(&low);
/// assert_eq!(overview.threads.len(), 1);
/// assert_eq!(&*overview.threads[0].name, "sampler");
/// assert_eq!(overview.summary.total_count, 2, "the filter does not hide threads from the counts");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// All threads, counted.
    pub summary: Summary,
    /// Those that the filter lets through, sorted by name.
    pub threads: Vec<ThreadStatus>,
}

/// Threads, counted.
///
/// ```
/// use admin_runtime::PeriodicSummary;
///
/// let summary = PeriodicSummary { total_count: 3, active_count: 2, ..PeriodicSummary::default() };
/// let json = serde_json::to_value(&summary)?;
/// assert_eq!((&json["total_count"], &json["active_count"]), (&3.into(), &2.into()));
/// assert_eq!(json["by_level"]["low"]["total"], 0, "levels without threads are shown too");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// All.
    pub total_count: usize,
    /// Those that exist and loop.
    pub running_count: usize,
    /// Those that do what they are there for.
    pub active_count: usize,
    /// The same by level.
    pub by_level: ByLevel,
}

/// The counts of every level, also of those without threads.
///
/// ```
/// use admin_runtime::{ByLevel, LevelCount};
///
/// let high = LevelCount { total: 2, running: 2, active: 1 };
/// let json = serde_json::to_value(ByLevel { high, ..ByLevel::default() })?;
/// assert_eq!(json["high"]["active"], 1);
/// assert_eq!(json["critical"]["active"], 0);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Serialize)]
pub struct ByLevel {
    /// Of level critical.
    pub critical: LevelCount,
    /// Of level high.
    pub high: LevelCount,
    /// Of level medium.
    pub medium: LevelCount,
    /// Of level low.
    pub low: LevelCount,
}

/// The counts of one level.
///
/// ```
/// use admin_runtime::LevelCount;
///
/// let one_is_stuck = LevelCount { total: 2, running: 2, active: 1 };
/// let json = serde_json::to_string(&one_is_stuck)?;
/// assert_eq!(json, r#"{"total":2,"running":2,"active":1}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LevelCount {
    /// All.
    pub total: usize,
    /// Those that exist and loop.
    pub running: usize,
    /// Those that do what they are there for.
    pub active: usize,
}

impl Overview {
    pub(super) fn of(threads: impl Iterator<Item = ThreadStatus>, filter: &Filter) -> Self {
        let mut summary = Summary::default();
        let mut shown = Vec::with_capacity(threads.size_hint().0);
        for thread in threads {
            summary.count(&thread);
            if filter.lets_through(&thread) {
                shown.push(thread);
            }
        }
        Self {
            summary,
            threads: shown,
        }
    }
}

impl Summary {
    fn count(&mut self, thread: &ThreadStatus) {
        let (running, active) = (
            usize::from(thread.is_running),
            usize::from(thread.is_active),
        );
        self.total_count += 1;
        self.running_count += running;
        self.active_count += active;
        let level = match thread.level {
            Level::Critical => &mut self.by_level.critical,
            Level::High => &mut self.by_level.high,
            Level::Medium => &mut self.by_level.medium,
            Level::Low => &mut self.by_level.low,
        };
        level.total += 1;
        level.running += running;
        level.active += active;
    }
}

/// What `GET /periodic-threads-health` shows.
///
/// ```
/// use admin_runtime::PeriodicHealth;
///
/// /// What a status line says.
/// fn line(health: &PeriodicHealth) -> String {
///     let names: Vec<_> = health.unhealthy_threads.iter().map(|thread| &*thread.name).collect();
///     if names.is_empty() { "all well".to_owned() } else { format!("trouble: {}", names.join(", ")) }
/// }
/// let health = PeriodicHealth { healthy: true, unhealthy_count: 0, unhealthy_threads: vec![] };
/// assert_eq!(line(&health), "all well");
/// let json = serde_json::to_string(&health)?;
/// assert_eq!(json, r#"{"healthy":true,"unhealthy_count":0,"unhealthy_threads":[]}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct Health {
    /// Whether every critical and high thread is active.
    pub healthy: bool,
    /// How many of them are not.
    pub unhealthy_count: usize,
    /// Those that are not, sorted by name.
    pub unhealthy_threads: Vec<Unhealthy>,
}

/// A critical or high thread that is not active.
///
/// ```
/// use admin_runtime::{Level, Unhealthy};
/// use std::time::Duration;
///
/// let thread = Unhealthy {
///     name: "heartbeat".into(),
///     level: Level::Critical,
///     last_run_ago: Some(Duration::from_millis(120_500)),
///     interval: Duration::from_secs(10),
/// };
/// assert_eq!(serde_json::to_value(&thread)?, serde_json::json!({
///     "name": "heartbeat", "level": "critical", "last_run_ago": 120.5, "interval": 10.0,
/// }));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct Unhealthy {
    /// The name.
    #[serde(serialize_with = "shared_text")]
    pub name: Arc<str>,
    /// How much depends on it.
    pub level: Level,
    /// How long ago its last run began; shown in seconds.
    #[serde(serialize_with = "optional_seconds")]
    pub last_run_ago: Option<Duration>,
    /// The interval; shown in seconds.
    #[serde(serialize_with = "seconds")]
    pub interval: Duration,
}

impl Health {
    pub(super) fn of(threads: impl Iterator<Item = ThreadStatus>) -> Self {
        let wrong = threads.filter(|thread| thread.level.decides_health() && !thread.is_active);
        let unhealthy_threads: Vec<_> = wrong
            .map(
                |ThreadStatus {
                     name,
                     level,
                     last_run_ago,
                     interval,
                     ..
                 }| Unhealthy {
                    name,
                    level,
                    last_run_ago,
                    interval,
                },
            )
            .collect();
        Self {
            healthy: unhealthy_threads.is_empty(),
            unhealthy_count: unhealthy_threads.len(),
            unhealthy_threads,
        }
    }
}
