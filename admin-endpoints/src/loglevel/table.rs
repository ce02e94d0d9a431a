//! What is configured, for how long and by whom: a pure table that is given the time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use tracing::level_filters::LevelFilter;

use super::change::{ChangeError, ChangeRecord, ExpiredLease, LevelChange, LoggerLevels};
use super::lease::{Lease, LeaseId};
use super::level::ConfiguredLevel;
use super::limits::{MAX_CONFIGURED_LOGGERS, MAX_LEASES};
use super::moment::ClockReading;
use super::name::{LoggerName, ROOT_LOGGER};
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
            rules: Arc::new(LevelRules::new(spec.root)),
        };
        table.compile();
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
    ///
    /// `listed_as` is the spelling for a logger that is not in the table yet.
    pub(super) fn set(
        &mut self,
        name: &LoggerName,
        listed_as: &str,
        level: ConfiguredLevel,
        ttl: Option<Ttl>,
        author: Author<'_>,
    ) -> Result<LevelChange, ChangeError> {
        let canonical = name.canonical();
        if canonical == AUDIT_LOGGER && level.level().is_some_and(|level| level < AUDIT_LEVEL) {
            return Err(ChangeError::AuditLog);
        }
        if ttl.is_some() && self.leases.len() == MAX_LEASES {
            return Err(ChangeError::TooManyLeases);
        }
        let before = self.levels(canonical);
        self.admit(canonical, listed_as, level, author)?;
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
        self.compile();
        Ok(LevelChange {
            requested: level,
            before,
            after: self.levels(canonical),
            lease: lease.map(|(id, ends)| (id, ends.wall)),
            hidden_below: None,
        })
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
    pub(super) fn end_lease(&mut self, id: LeaseId, author: Author<'_>) -> Option<ExpiredLease> {
        let at = self.leases.iter().position(|lease| lease.id == id)?;
        let ended = self.end(at, author);
        self.compile();
        Some(ended)
    }

    /// Ends every lease whose time is over.
    pub(super) fn expire(&mut self, now: ClockReading) -> Vec<ExpiredLease> {
        let mut expired = Vec::new();
        let is_over = |lease: &Lease| lease.ends.monotonic <= now.monotonic;
        while let Some(at) = self.leases.iter().position(is_over) {
            let actor = format!("end of lease {}", self.leases[at].id);
            let author = Author { actor: &actor, now };
            expired.push(self.end(at, author));
        }
        if !expired.is_empty() {
            self.compile();
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

    /// Removes a lease. The caller compiles the rules, once for all leases that end together.
    fn end(&mut self, at: usize, author: Author<'_>) -> ExpiredLease {
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
        ExpiredLease {
            id,
            logger,
            before,
            after,
        }
    }

    /// Makes sure that the logger is in the table. If the table is full, a cleared one is removed.
    fn admit(
        &mut self,
        canonical: &str,
        listed_as: &str,
        level: ConfiguredLevel,
        author: Author<'_>,
    ) -> Result<(), ChangeError> {
        if let Some(logger) = self.loggers.get_mut(canonical) {
            logger.changed = author.record();
            return Ok(());
        }
        // The root does not count.
        if self.loggers.len() > MAX_CONFIGURED_LOGGERS {
            let cleared = self.loggers.iter().find(|(name, logger)| {
                logger.permanent.is_none() && self.leases_of(name).next().is_none()
            });
            match cleared.map(|(name, _)| name.clone()) {
                Some(name) if !name.is_empty() => self.loggers.remove(&name),
                _ if level == ConfiguredLevel::NotSet => return Ok(()),
                _ => return Err(ChangeError::TooManyLoggers),
            };
        }
        let logger = ConfiguredLogger {
            name: listed_as.into(),
            permanent: None,
            changed: author.record(),
            visible: LevelFilter::TRACE,
        };
        self.loggers.insert(canonical.into(), logger);
        Ok(())
    }

    fn compile(&mut self) {
        let mut own: BTreeMap<&str, Option<LevelFilter>> = self
            .loggers
            .iter()
            .map(|(canonical, logger)| (&**canonical, logger.permanent))
            .collect();
        for lease in &self.leases {
            own.insert(&lease.logger, lease.level.level());
        }
        let mut rules = LevelRules::new(own.remove("").flatten().unwrap_or(self.start));
        for (canonical, level) in own {
            if let (Some(level), Some(logger)) = (level, self.loggers.get(canonical)) {
                let name = Arc::clone(&logger.name);
                rules.add(canonical, LevelRule { level, name });
            }
        }
        // Whoever may set levels must not be able to do it without an audit line.
        if rules.level(AUDIT_LOGGER) < AUDIT_LEVEL {
            let rule = LevelRule {
                level: AUDIT_LEVEL,
                name: "admin_runtime::audit".into(),
            };
            rules.add(AUDIT_LOGGER, rule);
        }
        self.rules = Arc::new(rules);
    }
}

#[cfg(test)]
mod tests;
