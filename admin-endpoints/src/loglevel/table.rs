//! What is configured, for how long and by whom: a pure table that is given the time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use tracing::level_filters::LevelFilter;

use super::change::{ChangeError, ChangeRecord, EndedLease, LevelChange, LoggerLevels};
use super::lease::{Lease, LeaseId};
use super::level::ConfiguredLevel;
use super::limits::{MAX_CONFIGURED_LOGGERS, MAX_LEASES, MAX_UNUSED_LOGGERS};
use super::moment::ClockReading;
use super::name::ROOT_LOGGER;
use super::rules::{LevelRule, LevelRules};
use super::spec::LevelSpec;
use super::ttl::Ttl;

/// The canonical name of the audit log of `admin_runtime`.
const AUDIT_LOGGER: &str = "admin_runtime.audit";

/// The level of audit lines: the audit log is never less verbose.
const AUDIT_LEVEL: LevelFilter = LevelFilter::INFO;

/// The levels of all loggers that are configured, permanently or for a time.
#[derive(Debug)]
pub(super) struct LevelTable {
    /// The level of the root while none is configured.
    start: LevelFilter,
    /// By canonical name; the root, which always exists, is the empty one.
    loggers: BTreeMap<Box<str>, ConfiguredLogger>,
    /// In the order in which they were granted.
    leases: Vec<Lease>,
    last_lease: u64,
    /// How many loggers of the table are unused.
    unused: usize,
    rules: Arc<LevelRules>,
}

/// A logger or family that is or was configured.
#[derive(Debug)]
pub(super) struct ConfiguredLogger {
    /// The spelling under which it is listed.
    pub(super) name: Arc<str>,
    pub(super) permanent: Option<LevelFilter>,
    pub(super) changed: ChangeRecord,
    /// The most verbose level at which no other filter of the subscriber hid its events when the
    /// subscriber was last asked.
    pub(super) visible: LevelFilter,
    /// Whether only a change added it: nothing had logged through it, and it was not configured at
    /// the start.
    is_unused: bool,
}

/// The logger of a change.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoggerKey<'a> {
    pub(super) canonical: &'a str,
    /// The spelling for a logger that is not in the table yet.
    pub(super) listed_as: &'a str,
    /// Whether something has logged through it.
    pub(super) is_discovered: bool,
}

/// Who changes a level, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Author<'a> {
    pub(super) actor: &'a str,
    pub(super) now: ClockReading,
}

impl Author<'_> {
    fn record(self) -> ChangeRecord {
        ChangeRecord {
            at: self.now.wall,
            actor: self.actor.into(),
        }
    }
}

impl LevelTable {
    pub(super) fn new(spec: LevelSpec, now: ClockReading) -> Self {
        let author = Author {
            actor: "start",
            now,
        };
        let configured = |name: &str, level| ConfiguredLogger {
            name: name.into(),
            permanent: Some(level),
            changed: author.record(),
            visible: LevelFilter::TRACE,
            is_unused: false,
        };
        let mut loggers = BTreeMap::from([("".into(), configured(ROOT_LOGGER, spec.root))]);
        for (name, level) in spec.loggers {
            loggers.insert(name.canonical().into(), configured(name.as_str(), level));
        }
        let mut table = Self {
            start: spec.root,
            loggers,
            leases: Vec::new(),
            last_lease: 0,
            unused: 0,
            rules: Arc::new(LevelRules::new(spec.root)),
        };
        let names: Vec<Box<str>> = table.loggers.keys().cloned().collect();
        for name in names {
            table.update_rules(&name);
        }
        table
    }

    /// The compiled levels.
    pub(super) fn rules(&self) -> Arc<LevelRules> {
        Arc::clone(&self.rules)
    }

    /// Every logger of the table by canonical name.
    pub(super) fn loggers(&self) -> impl Iterator<Item = (&str, &ConfiguredLogger)> {
        self.loggers
            .iter()
            .map(|(canonical, logger)| (&**canonical, logger))
    }

    /// One logger of the table.
    pub(super) fn logger(&self, canonical: &str) -> Option<&ConfiguredLogger> {
        self.loggers.get(canonical)
    }

    /// Every lease, in the order in which they were granted.
    pub(super) fn leases(&self) -> &[Lease] {
        &self.leases
    }

    /// The leases of one logger; the last one is effective.
    pub(super) fn leases_of(&self, canonical: &str) -> impl Iterator<Item = &Lease> {
        self.leases
            .iter()
            .filter(move |lease| *lease.logger == *canonical)
    }

    /// When the next lease ends.
    pub(super) fn next_end(&self) -> Option<Instant> {
        self.leases.iter().map(|lease| lease.ends.monotonic).min()
    }

    /// Sets or clears a level. Without `ttl` the leases of the logger end, so that none of them
    /// restores an older level later. With `ttl` the current level is restored afterwards.
    pub(super) fn set(
        &mut self,
        logger: LoggerKey<'_>,
        level: ConfiguredLevel,
        ttl: Option<Ttl>,
        author: Author<'_>,
    ) -> Result<LevelChange, ChangeError> {
        let canonical = logger.canonical;
        if canonical == AUDIT_LOGGER && level.level().is_some_and(|level| level < AUDIT_LEVEL) {
            return Err(ChangeError::AuditLog);
        }
        if ttl.is_some() && self.leases.len() == MAX_LEASES {
            return Err(ChangeError::TooManyLeases);
        }
        let before = self.levels(canonical);
        self.admit(logger, level, author)?;
        let lease = match ttl {
            Some(ttl) => Some(self.grant(canonical, level, ttl, author)),
            None => {
                self.leases.retain(|lease| *lease.logger != *canonical);
                if let Some(logger) = self.loggers.get_mut(canonical) {
                    logger.permanent = level.level();
                }
                None
            }
        };
        self.update_rules(canonical);
        Ok(LevelChange {
            requested: level,
            before,
            after: self.levels(canonical),
            lease: lease.map(|(id, ends)| (id, ends.wall)),
            hidden_below: None,
        })
    }

    /// Removes a logger without a level of its own that only a change had added.
    pub(super) fn forget_unused(&mut self, canonical: &str) {
        let is_cleared = self.configured(canonical) == ConfiguredLevel::NotSet;
        let is_unused = self.loggers.get(canonical).is_some_and(|l| l.is_unused);
        if is_unused && is_cleared && self.leases_of(canonical).next().is_none() {
            self.remove(canonical);
        }
    }

    /// Notes which of the loggers that were unused have logged something since.
    pub(super) fn mark_discovered(&mut self, is_discovered: impl Fn(&str) -> bool) {
        for (canonical, logger) in &mut self.loggers {
            if logger.is_unused && is_discovered(canonical) {
                logger.is_unused = false;
                self.unused -= 1;
            }
        }
    }

    /// Whether another unused logger needs room that only [`mark_discovered`](Self::mark_discovered)
    /// may make.
    pub(super) fn is_full_of_unused(&self) -> bool {
        self.unused >= MAX_UNUSED_LOGGERS
    }

    fn remove(&mut self, canonical: &str) {
        if let Some(removed) = self.loggers.remove(canonical) {
            self.unused -= usize::from(removed.is_unused);
        }
    }

    /// Notes at which level other filters of the subscriber begin to hide events of a logger.
    pub(super) fn set_visible(&mut self, canonical: &str, visible: LevelFilter) {
        if let Some(logger) = self.loggers.get_mut(canonical) {
            logger.visible = visible;
        }
    }

    /// The loggers whose level is more verbose than what other filters of the subscriber show.
    pub(super) fn hidden_loggers(&self) -> impl Iterator<Item = &ConfiguredLogger> {
        self.loggers()
            .filter(|(canonical, logger)| self.rules.level(canonical) > logger.visible)
            .map(|(_, logger)| logger)
    }

    /// Ends one lease early.
    pub(super) fn end_lease(&mut self, id: LeaseId, author: Author<'_>) -> Option<EndedLease> {
        let at = self.leases.iter().position(|lease| lease.id == id)?;
        Some(self.end(at, author))
    }

    /// Ends every lease whose time is over.
    pub(super) fn expire(&mut self, now: ClockReading) -> Vec<EndedLease> {
        let mut expired = Vec::new();
        let is_over = |lease: &Lease| lease.ends.monotonic <= now.monotonic;
        while let Some(at) = self.leases.iter().position(is_over) {
            let actor = format!("end of lease {}", self.leases[at].id);
            let author = Author { actor: &actor, now };
            expired.push(self.end(at, author));
        }
        expired
    }

    /// The own level of a logger and its effective one.
    pub(super) fn levels(&self, canonical: &str) -> LoggerLevels {
        LoggerLevels {
            configured: self.configured(canonical),
            effective: self.rules.level(canonical),
        }
    }

    fn configured(&self, canonical: &str) -> ConfiguredLevel {
        let own = match self.leases_of(canonical).last() {
            Some(lease) => lease.level.level(),
            None => self
                .loggers
                .get(canonical)
                .and_then(|logger| logger.permanent),
        };
        own.or_else(|| canonical.is_empty().then_some(self.start))
            .into()
    }

    fn grant(
        &mut self,
        canonical: &str,
        level: ConfiguredLevel,
        ttl: Ttl,
        author: Author<'_>,
    ) -> (LeaseId, ClockReading) {
        self.last_lease += 1;
        let id = LeaseId(self.last_lease);
        let ends = author.now.after(ttl);
        self.leases.push(Lease {
            id,
            logger: canonical.into(),
            level,
            ends,
            actor: author.actor.into(),
        });
        (id, ends)
    }

    /// Removes a lease.
    fn end(&mut self, at: usize, author: Author<'_>) -> EndedLease {
        let canonical = self.leases[at].logger.clone();
        let before = self.configured(&canonical);
        let id = self.leases.remove(at).id;
        let after = self.configured(&canonical);
        let logger = match self.loggers.get_mut(&canonical) {
            Some(logger) => {
                logger.changed = author.record();
                Arc::clone(&logger.name)
            }
            None => (&*canonical).into(),
        };
        self.update_rules(&canonical);
        EndedLease {
            id,
            logger,
            before,
            after,
        }
    }

    /// Makes sure that the logger is in the table. If the table is full, a cleared one is removed.
    fn admit(
        &mut self,
        key: LoggerKey<'_>,
        level: ConfiguredLevel,
        author: Author<'_>,
    ) -> Result<(), ChangeError> {
        if let Some(logger) = self.loggers.get_mut(key.canonical) {
            logger.changed = author.record();
            return Ok(());
        }
        let is_unused = !key.is_discovered;
        // The root does not count.
        let refusal = if self.loggers.len() > MAX_CONFIGURED_LOGGERS {
            Some(ChangeError::TooManyLoggers)
        } else if is_unused && self.is_full_of_unused() {
            Some(ChangeError::TooManyUnusedLoggers)
        } else {
            None
        };
        if let Some(refusal) = refusal {
            let only_unused = matches!(refusal, ChangeError::TooManyUnusedLoggers);
            let cleared = self.loggers.iter().find(|(name, logger)| {
                !name.is_empty()
                    && logger.permanent.is_none()
                    && (logger.is_unused || !only_unused)
                    && self.leases_of(name).next().is_none()
            });
            match cleared.map(|(name, _)| name.clone()) {
                Some(name) => self.remove(&name),
                None if level == ConfiguredLevel::NotSet => return Ok(()),
                None => return Err(refusal),
            };
        }
        let logger = ConfiguredLogger {
            name: key.listed_as.into(),
            permanent: None,
            changed: author.record(),
            visible: LevelFilter::TRACE,
            is_unused,
        };
        self.unused += usize::from(is_unused);
        self.loggers.insert(key.canonical.into(), logger);
        Ok(())
    }

    /// Takes the level of one logger over into the rules.
    fn update_rules(&mut self, canonical: &str) {
        if canonical.is_empty() {
            let level = self.own_rule(canonical).map(|rule| rule.level);
            Arc::make_mut(&mut self.rules).set_root(level.unwrap_or(self.start));
        } else {
            let rule = self.own_rule(canonical);
            Arc::make_mut(&mut self.rules).set(canonical, rule);
        }
        // Whoever may set levels must not be able to do it without an audit line.
        let audit = self.own_rule(AUDIT_LOGGER);
        let rules = Arc::make_mut(&mut self.rules);
        rules.set(AUDIT_LOGGER, audit);
        if rules.level(AUDIT_LOGGER) < AUDIT_LEVEL {
            let rule = LevelRule {
                level: AUDIT_LEVEL,
                name: "admin_runtime::audit".into(),
            };
            rules.set(AUDIT_LOGGER, Some(rule));
        }
    }

    /// The rule of a logger in the table that has a level of its own now.
    fn own_rule(&self, canonical: &str) -> Option<LevelRule> {
        let logger = self.loggers.get(canonical)?;
        let level = match self.leases_of(canonical).last() {
            Some(lease) => lease.level.level(),
            None => logger.permanent,
        };
        level.map(|level| LevelRule {
            level,
            name: Arc::clone(&logger.name),
        })
    }
}

#[cfg(test)]
mod tests;
