//! The levels of the process: the table behind its lock, with the clock, the filter and the timer.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tracing::info;
use tracing::level_filters::LevelFilter;

use super::change::{Applied, ChangeError, Ended};
use super::clock::{Clock, Moment, SystemClock};
use super::filter::LevelsFilter;
use super::lease::LeaseId;
use super::level::Setting;
use super::live::Live;
use super::name::{InvalidName, LoggerName};
use super::report::{self, LoggerReport};
use super::spec::{self, SpecError};
use super::table::Table;
use super::timer::{Tick, Timer};
use crate::sync::lock;

/// How long after a change every callsite is asked once more.
///
/// A callsite that is reached for the first time just then may keep the answer that it got just
/// before the change.
const SETTLE: Duration = Duration::from_secs(1);

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
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    live: Arc<Live>,
    clock: Arc<dyn Clock>,
    timer: Timer,
}

#[derive(Debug)]
struct State {
    table: Table,
    settles: Option<Instant>,
}

impl LogLevels {
    /// Levels that begin as `spec` says, in the notation of `RUST_LOG`: directives separated by
    /// commas, `level` for the root (`INFO` when it is not named), `logger=level`, or `logger`
    /// alone for everything of that logger.
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
    /// [`SpecError`] quotes the directive that cannot be read.
    pub fn from_spec(spec: &str) -> Result<Self, SpecError> {
        Self::with_clock(spec, Arc::new(SystemClock::default()))
    }

    pub(super) fn with_clock(spec: &str, clock: Arc<dyn Clock>) -> Result<Self, SpecError> {
        let table = Table::new(spec::parse(spec)?, clock.now());
        let live = Arc::new(Live::new(table.rules()));
        let state = Mutex::new(State {
            table,
            settles: None,
        });
        let timer = Timer::new(Arc::clone(&clock));
        Ok(LogLevels {
            shared: Arc::new(Shared {
                state,
                live,
                clock,
                timer,
            }),
        })
    }

    /// The filter for the subscriber, as a layer before all others or on single layers.
    pub fn filter(&self) -> LevelsFilter {
        LevelsFilter::new(Arc::clone(&self.shared.live))
    }

    /// The level in force for a logger.
    pub fn level(&self, logger: &str) -> LevelFilter {
        self.shared.live.level(logger)
    }

    /// Sets a logger's level, or with [`Setting::NotSet`] clears it, for good or for `ttl`.
    ///
    /// A timed level restores what held before it. A level that is set for good ends the timed
    /// levels of the same logger. `by` is kept and shown as who did it.
    ///
    /// # Errors
    ///
    /// [`ChangeError`] says what is wrong with the name or the time, or which limit is reached.
    ///
    /// ```
    /// use std::time::Duration;
    /// use admin_endpoints::loglevel::LogLevels;
    ///
    /// let levels = LogLevels::from_spec("info")?;
    /// let ttl = Some(Duration::from_secs(600));
    /// let applied = levels.set("lmcache.v1.*", "DEBUG".parse()?, ttl, "ops")?;
    /// assert_eq!(levels.level("lmcache::v1::cache_engine").to_string(), "debug");
    ///
    /// let (lease, _ends) = applied.lease.ok_or("not timed")?;
    /// levels.end_lease(lease, "ops").ok_or("ended already")?;
    /// assert_eq!(levels.level("lmcache::v1::cache_engine").to_string(), "info");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set(
        &self,
        logger: &str,
        setting: Setting,
        ttl: Option<Duration>,
        by: &str,
    ) -> Result<Applied, ChangeError> {
        let name = LoggerName::parse(logger)?;
        let listed_as = self.shared.live.seen.spelling(&name.canonical);
        let listed_as = listed_as.as_deref().unwrap_or(&name.written);
        let mut state = self.shared.state();
        let started = self.shared.timer.start(Arc::downgrade(&self.shared));
        if ttl.is_some() {
            started.map_err(ChangeError::Timer)?;
        }
        let now = self.shared.clock.now();
        let ended = state.table.expire(now);
        let applied = state.table.set(&name, listed_as, setting, ttl, by, now);
        if applied.is_ok() || !ended.is_empty() {
            self.shared.publish(state, now, ended);
        }
        applied
    }

    /// Ends one timed level before its time; `None` when it has ended already or never was.
    ///
    /// ```
    /// use admin_endpoints::loglevel::LogLevels;
    /// use std::time::Duration;
    ///
    /// let levels = LogLevels::from_spec("info")?;
    /// let ttl = Some(Duration::from_secs(60));
    /// let (lease, _ends) = levels.set("cache", "OFF".parse()?, ttl, "ops")?.lease.ok_or("not timed")?;
    ///
    /// let ended = levels.end_lease(lease, "ops").ok_or("ended already")?;
    /// assert_eq!((&*ended.logger, ended.after.to_string()), ("cache", "NOTSET".to_owned()));
    /// assert_eq!(levels.level("cache").to_string(), "info");
    /// assert_eq!(levels.end_lease(lease, "ops"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn end_lease(&self, id: LeaseId, by: &str) -> Option<Ended> {
        let mut state = self.shared.state();
        let now = self.shared.clock.now();
        let over = state.table.expire(now);
        let ended = state.table.end_lease(id, by, now);
        if ended.is_some() || !over.is_empty() {
            self.shared.publish(state, now, over);
        }
        ended
    }

    /// Every logger that was set or discovered, sorted by name.
    ///
    /// ```
    /// use admin_endpoints::loglevel::LogLevels;
    ///
    /// let levels = LogLevels::from_spec("info,warp=warn,cache::*=debug")?;
    /// let names: Vec<_> = levels.loggers().into_iter().map(|logger| logger.name).collect();
    /// assert_eq!(names, ["cache::*", "root", "warp"].map(Box::from));
    /// # Ok::<(), admin_endpoints::loglevel::SpecError>(())
    /// ```
    pub fn loggers(&self) -> Vec<LoggerReport> {
        let seen = self.shared.live.seen.all();
        report::all(&self.shared.state().table, seen, self.shared.clock.now())
    }

    /// One logger, whether it is known or not.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] for a name that could not be set either.
    ///
    /// ```
    /// use admin_endpoints::loglevel::LogLevels;
    ///
    /// let levels = LogLevels::from_spec("info,cache=debug")?;
    /// let logger = levels.logger("cache::load")?;
    /// assert_eq!(logger.effective.to_string(), "debug");
    /// assert_eq!(logger.configured.to_string(), "NOTSET");
    /// assert_eq!(logger.parent.as_deref(), Some("cache"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn logger(&self, logger: &str) -> Result<LoggerReport, InvalidName> {
        let name = LoggerName::parse(logger)?;
        let now = self.shared.clock.now();
        Ok(report::one(
            &self.shared.state().table,
            &name.canonical,
            &name.written,
            now,
        ))
    }

    pub(super) fn live(&self) -> &Arc<Live> {
        &self.shared.live
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Puts the table's rules in force before the lock is let go, and says afterwards what ended:
    /// an event that is logged under the lock could come back for it.
    fn publish(&self, mut state: MutexGuard<'_, State>, now: Moment, ended: Vec<Ended>) {
        self.live.publish(state.table.rules());
        state.settles = now.steady.checked_add(SETTLE);
        drop(state);
        self.timer.wake();
        for Ended {
            id,
            logger,
            before,
            after,
        } in ended
        {
            info!(lease = id.get(), %logger, %before, %after, "a timed log level ended");
        }
    }
}

impl Tick for Shared {
    fn tick(&self) -> Option<Instant> {
        let now = self.clock.now();
        let mut state = self.state();
        let ended = state.table.expire(now);
        if !ended.is_empty() {
            self.publish(state, now, ended);
            state = self.state();
        } else if state.settles.is_some_and(|settles| settles <= now.steady) {
            self.live.ask_again();
            state.settles = None;
        }
        [state.table.next_end(), state.settles]
            .into_iter()
            .flatten()
            .min()
    }
}

#[cfg(test)]
mod tests;
