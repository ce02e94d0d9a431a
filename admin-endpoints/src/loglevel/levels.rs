//! The levels of a process: the table under its lock, with the clock, the filter and the timer.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use admin_runtime::clock::Clock;
use admin_runtime::log_queue;
use tracing::info;
use tracing::level_filters::LevelFilter;

use super::active_levels::ActiveLevels;
use super::change::{ChangeError, EndedLease, LevelChange};
use super::filter::LevelsFilter;
use super::lease::LeaseId;
use super::level::ConfiguredLevel;
use super::moment::ClockReading;
use super::name::LoggerName;
use super::report::{self, LoggerReport};
use super::spec::SpecError;
use super::table::{Author, LevelTable, LoggerKey};
use super::timer::{Timer, TimerTask};
use super::ttl::Ttl;
use super::visibility::VisibilityProbe;
use crate::sync::lock;

/// How long after a change the interest of all callsites is rebuilt once more.
///
/// A callsite that is reached for the first time during the change may cache the answer that it got
/// just before.
const SECOND_REBUILD_DELAY: Duration = Duration::from_secs(1);

/// The levels of all loggers. Clones are handles to the same levels.
///
/// ```standalone_crate
/// use admin_endpoints::loglevel::{LogFacade, LogLevels};
/// use tracing_subscriber::{fmt, prelude::*, registry};
///
/// let levels = LogLevels::from_spec("info,cache=debug")?;
/// registry().with(levels.filter()).with(fmt::layer()).init();
/// levels.install()?;
///
/// // Anywhere else in the program:
/// let levels = LogLevels::installed().ok_or("not installed")?;
/// assert_eq!(levels.level("cache::load").to_string(), "debug");
/// assert_eq!(levels.log_facade(), LogFacade::Bridged);
/// assert_eq!(log::max_level(), log::LevelFilter::Debug); // follows the most verbose level
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct LogLevels {
    shared: Arc<SharedLevels>,
}

#[derive(Debug)]
struct SharedLevels {
    state: Mutex<LevelState>,
    active: Arc<ActiveLevels>,
    clock: Clock,
    timer: Timer,
}

#[derive(Debug)]
struct LevelState {
    table: LevelTable,
    second_rebuild_at: Option<Instant>,
}

impl LogLevels {
    /// Levels that start as `spec` says, in the notation of `RUST_LOG`: directives separated by
    /// commas, `level` for the root (`INFO` by default), `logger=level`, or `logger` alone for
    /// everything of that logger.
    ///
    /// ```
    /// use admin_endpoints::loglevel::LogLevels;
    /// use tracing::level_filters::LevelFilter;
    ///
    /// let levels = LogLevels::from_spec("warn,lmcache::v1=debug")?;
    /// assert_eq!(levels.level("lmcache.v1.cache_engine"), LevelFilter::DEBUG);
    /// assert_eq!(levels.level("warp::server"), LevelFilter::WARN);
    /// # Ok::<(), admin_endpoints::loglevel::SpecError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SpecError`] quotes the directive that cannot be parsed.
    pub fn from_spec(spec: &str) -> Result<Self, SpecError> {
        Self::with_clock(spec, Clock::system())
    }

    fn with_clock(spec: &str, clock: Clock) -> Result<Self, SpecError> {
        let table = LevelTable::new(spec.parse()?, ClockReading::now(&clock));
        let active = Arc::new(ActiveLevels::new(table.rules()));
        let state = Mutex::new(LevelState {
            table,
            second_rebuild_at: None,
        });
        let timer = Timer::new(clock.clone());
        Ok(Self {
            shared: Arc::new(SharedLevels {
                state,
                active,
                clock,
                timer,
            }),
        })
    }

    /// The filter for the subscriber, as a layer of its own or on single layers.
    #[must_use]
    pub fn filter(&self) -> LevelsFilter {
        LevelsFilter::new(Arc::clone(&self.shared.active))
    }

    /// The effective level of a target.
    #[must_use]
    pub fn level(&self, target: &str) -> LevelFilter {
        self.shared.active.level(target)
    }

    /// Sets the level of a logger, or clears it with [`ConfiguredLevel::NotSet`]; for `ttl`, or
    /// until it is changed.
    ///
    /// A timed level restores the one before it. A level without `ttl` ends the timed levels of
    /// its logger. `actor` is shown as who did it.
    ///
    /// ```
    /// use admin_endpoints::loglevel::LogLevels;
    ///
    /// let levels = LogLevels::from_spec("info")?;
    /// let ttl = Some("10m".parse()?);
    /// let change = levels.set(&"lmcache.v1.*".parse()?, "DEBUG".parse()?, ttl, "ops")?;
    /// assert_eq!(levels.level("lmcache::v1::cache_engine").to_string(), "debug");
    ///
    /// let (lease, _ends) = change.lease.ok_or("not timed")?;
    /// levels.end_lease(lease, "ops").ok_or("ended already")?;
    /// assert_eq!(levels.level("lmcache::v1::cache_engine").to_string(), "info");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ChangeError`] says which limit is reached or what else prevents the change. Nothing has
    /// changed then.
    pub fn set(
        &self,
        logger: &LoggerName,
        level: ConfiguredLevel,
        ttl: Option<Ttl>,
        actor: &str,
    ) -> Result<LevelChange, ChangeError> {
        self.change(logger, level, ttl, actor, false)
    }

    /// Clears the own level of a logger, as [`set`](Self::set) does with
    /// [`ConfiguredLevel::NotSet`]. A logger that only a change had added is not listed any more.
    ///
    /// ```
    /// use admin_endpoints::loglevel::LogLevels;
    ///
    /// let levels = LogLevels::from_spec("info")?;
    /// let logger = "cahce".parse()?;
    /// levels.set(&logger, "DEBUG".parse()?, None, "ops")?;
    /// levels.clear(&logger, "ops")?;
    /// assert!(!levels.is_known(&logger));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub fn clear(&self, logger: &LoggerName, actor: &str) -> Result<LevelChange, ChangeError> {
        self.change(logger, ConfiguredLevel::NotSet, None, actor, true)
    }

    fn change(
        &self,
        logger: &LoggerName,
        level: ConfiguredLevel,
        ttl: Option<Ttl>,
        actor: &str,
        forget: bool,
    ) -> Result<LevelChange, ChangeError> {
        let known = &self.shared.active.known;
        let mut state = self.shared.state();
        let started = self.shared.timer.start(Arc::downgrade(&self.shared));
        if ttl.is_some() {
            started.map_err(ChangeError::Timer)?;
        }
        let now = ClockReading::now(&self.shared.clock);
        let expired = state.table.expire(now);
        let spelling = known.spelling(logger.canonical());
        let key = LoggerKey {
            canonical: logger.canonical(),
            listed_as: spelling.as_deref().unwrap_or(logger.as_str()),
            is_discovered: spelling.is_some(),
        };
        if state.table.is_full_of_unused() {
            let is_discovered = |canonical: &str| known.spelling(canonical).is_some();
            state.table.mark_discovered(is_discovered);
        }
        let change = state.table.set(key, level, ttl, Author { actor, now });
        if forget && change.is_ok() {
            state.table.forget_unused(logger.canonical());
        }
        if change.is_ok() || !expired.is_empty() {
            self.shared.publish(state, now, expired);
        }
        let mut change = change?;
        let effective = change.after.effective;
        let probe = VisibilityProbe::new(&self.shared.active);
        let visible = self
            .shared
            .check_visibility(&probe, logger.canonical(), effective);
        change.hidden_below = (effective > visible).then_some(visible);
        Ok(change)
    }

    /// Ends one timed level early; `None` if it has ended already or never existed.
    ///
    /// ```
    /// use admin_endpoints::loglevel::LogLevels;
    ///
    /// let levels = LogLevels::from_spec("info")?;
    /// let ttl = Some("1m".parse()?);
    /// let timed = levels.set(&"cache".parse()?, "OFF".parse()?, ttl, "ops")?;
    /// let (lease, _ends) = timed.lease.ok_or("not timed")?;
    ///
    /// let ended = levels.end_lease(lease, "ops").ok_or("ended already")?;
    /// assert_eq!((&*ended.logger, ended.after.to_string()), ("cache", "NOTSET".to_owned()));
    /// assert_eq!(levels.level("cache").to_string(), "info");
    /// assert_eq!(levels.end_lease(lease, "ops"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn end_lease(&self, id: LeaseId, actor: &str) -> Option<EndedLease> {
        let mut state = self.shared.state();
        let now = ClockReading::now(&self.shared.clock);
        let expired = state.table.expire(now);
        let ended = state.table.end_lease(id, Author { actor, now });
        if ended.is_some() || !expired.is_empty() {
            self.shared.publish(state, now, expired);
        }
        ended
    }

    /// Whether a logger is listed: it was configured, or something was logged through it.
    ///
    /// ```
    /// use admin_endpoints::loglevel::LogLevels;
    ///
    /// let levels = LogLevels::from_spec("info,cache=debug")?;
    /// assert!(levels.is_known(&"cache".parse()?));
    /// assert!(!levels.is_known(&"cahce".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_known(&self, logger: &LoggerName) -> bool {
        let canonical = logger.canonical();
        self.shared.state().table.logger(canonical).is_some()
            || self.shared.active.known.spelling(canonical).is_some()
    }

    /// Every logger that is known, sorted by name.
    ///
    /// ```
    /// use admin_endpoints::loglevel::LogLevels;
    ///
    /// let levels = LogLevels::from_spec("info,warp=warn,cache::*=debug")?;
    /// let names: Vec<_> = levels.loggers().into_iter().map(|logger| logger.name).collect();
    /// assert_eq!(names, ["cache::*", "root", "warp"].map(Box::from));
    /// # Ok::<(), admin_endpoints::loglevel::SpecError>(())
    /// ```
    #[must_use]
    pub fn loggers(&self) -> Vec<LoggerReport> {
        let known = self.shared.active.known.all();
        let now = ClockReading::now(&self.shared.clock);
        report::list_loggers(&self.shared.state().table, known, now)
    }

    /// One logger, whether it is known or not.
    ///
    /// ```
    /// use admin_endpoints::loglevel::LogLevels;
    ///
    /// let levels = LogLevels::from_spec("info,cache=debug")?;
    /// let logger = levels.logger(&"cache::load".parse()?);
    /// assert_eq!(logger.effective.to_string(), "debug");
    /// assert_eq!(logger.configured.to_string(), "NOTSET");
    /// assert_eq!(logger.parent.as_deref(), Some("cache"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn logger(&self, logger: &LoggerName) -> LoggerReport {
        let now = ClockReading::now(&self.shared.clock);
        let (canonical, name) = (logger.canonical(), logger.as_str());
        report::describe_logger(&self.shared.state().table, canonical, name, now)
    }

    /// The names of configured loggers that other filters of the subscriber hid when they were
    /// last set, each with the most verbose level that is not hidden.
    pub(super) fn hidden_loggers(&self) -> Vec<(Arc<str>, LevelFilter)> {
        let state = self.shared.state();
        let hidden = state.table.hidden_loggers();
        hidden
            .map(|logger| (Arc::clone(&logger.name), logger.visible))
            .collect()
    }

    /// Finds out for every configured logger whether other filters of the subscriber hide it.
    pub(super) fn check_visibility_of_all(&self) {
        let loggers: Vec<(Box<str>, LevelFilter)> = {
            let state = self.shared.state();
            let loggers = state.table.loggers();
            let rules = state.table.rules();
            loggers
                .map(|(canonical, _)| (canonical.into(), rules.level(canonical)))
                .collect()
        };
        let probe = VisibilityProbe::new(&self.shared.active);
        for (canonical, effective) in loggers {
            self.shared.check_visibility(&probe, &canonical, effective);
        }
    }

    /// Runs a function that changes what is enabled beside the levels, and rebuilds what depends on
    /// it, as a change of a level does.
    pub(super) fn republish(&self, change: impl FnOnce(&ActiveLevels)) {
        let state = self.shared.state();
        // Without the thread only the second rebuild is missing.
        let _ = self.shared.timer.start(Arc::downgrade(&self.shared));
        change(&self.shared.active);
        let now = ClockReading::now(&self.shared.clock);
        self.shared.publish(state, now, Vec::new());
    }

    /// How many timed levels are in effect.
    #[cfg(feature = "metrics")]
    pub(crate) fn leases(&self) -> usize {
        self.shared.state().table.leases().len()
    }

    pub(super) fn active(&self) -> &Arc<ActiveLevels> {
        &self.shared.active
    }
}

impl SharedLevels {
    fn state(&self) -> MutexGuard<'_, LevelState> {
        lock(&self.state)
    }

    /// Publishes the rules of the table under its lock, and logs expired leases after releasing it:
    /// an event that is logged under the lock could wait for it.
    fn publish(
        &self,
        mut state: MutexGuard<'_, LevelState>,
        now: ClockReading,
        expired: Vec<EndedLease>,
    ) {
        self.active.publish(state.table.rules());
        state.second_rebuild_at = now.monotonic.checked_add(SECOND_REBUILD_DELAY);
        drop(state);
        self.timer.wake();
        for lease in expired {
            let EndedLease {
                id,
                logger,
                before,
                after,
            } = lease;
            log_queue::emit(move || {
                info!(lease = id.get(), %logger, %before, %after, "a timed log level ended");
            });
        }
    }

    /// Asks the subscribers at which level other filters begin to hide events of a logger, and
    /// notes it in the table. Filters of the program run meanwhile, so the table is not locked.
    fn check_visibility(
        &self,
        probe: &VisibilityProbe<'_>,
        canonical: &str,
        effective: LevelFilter,
    ) -> LevelFilter {
        let mut visible = probe.visible_level(&self.active.typical_target(canonical));
        // Macros return above the level that a subscriber declares, without asking its filters.
        if probe.has_subscribers() && effective > LevelFilter::current() {
            visible = visible.min(LevelFilter::current());
        }
        self.state().table.set_visible(canonical, visible);
        visible
    }
}

impl TimerTask for SharedLevels {
    fn run_due(&self) -> Option<Instant> {
        let now = ClockReading::now(&self.clock);
        let mut state = self.state();
        let expired = state.table.expire(now);
        if !expired.is_empty() {
            self.publish(state, now, expired);
            state = self.state();
        } else if state
            .second_rebuild_at
            .is_some_and(|at| at <= now.monotonic)
        {
            self.active.rebuild_interest();
            state.second_rebuild_at = None;
        }
        [state.table.next_end(), state.second_rebuild_at]
            .into_iter()
            .flatten()
            .min()
    }
}

#[cfg(test)]
mod tests;
