//! What was set, for how long and by whom: a pure table that is told the time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::level_filters::LevelFilter;

use super::change::{Applied, Change, ChangeError, Ended, Levels};
use super::clock::Moment;
use super::lease::{Lease, LeaseId, MAX_LEASES, MAX_TTL};
use super::level::Setting;
use super::name::{LoggerName, ROOT};
use super::rules::{Rule, Rules};
use super::spec::Spec;

/// The most loggers that can be set by hand at one time.
///
/// ```
/// use admin_endpoints::loglevel::{ChangeError, MAX_HAND_SET};
///
/// assert_eq!(
///     ChangeError::TooManyLoggers.to_string(),
///     format!("Too many loggers: at most {MAX_HAND_SET} can be set by hand, clear one first")
/// );
/// ```
pub const MAX_HAND_SET: usize = 4096;

/// The canonical name of the runtime's audit log.
const AUDIT: &str = "admin_runtime.audit";

/// The least verbose that the audit log may be: the level of its lines.
const AUDIT_FLOOR: LevelFilter = LevelFilter::INFO;

/// The levels of all loggers that were set, permanently or for a time.
#[derive(Debug)]
pub(super) struct Table {
    /// What the root goes back to when its level is cleared.
    start: LevelFilter,
    /// By canonical name; the root, which is always there, is the empty one.
    loggers: BTreeMap<Box<str>, Logger>,
    /// In the order in which they were granted.
    leases: Vec<Lease>,
    last_lease: u64,
    rules: Arc<Rules>,
}

/// A logger or family that somebody set.
#[derive(Debug)]
pub(super) struct Logger {
    /// The spelling under which it is listed.
    pub(super) name: Arc<str>,
    pub(super) permanent: Option<LevelFilter>,
    pub(super) changed: Change,
}

impl Table {
    pub(super) fn new(spec: Spec, now: Moment) -> Self {
        let started = |name: &str, level| Logger {
            name: name.into(),
            permanent: Some(level),
            changed: Change {
                at: now.wall,
                by: "start".into(),
            },
        };
        let mut loggers = BTreeMap::from([("".into(), started(ROOT, spec.root))]);
        for (name, level) in spec.loggers {
            loggers.insert(name.canonical, started(&name.written, level));
        }
        let mut table = Table {
            start: spec.root,
            loggers,
            leases: Vec::new(),
            last_lease: 0,
            rules: Arc::new(Rules::new(spec.root)),
        };
        table.compile();
        table
    }

    /// What is in force, compiled.
    pub(super) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules)
    }

    /// Every logger that was set, by canonical name.
    pub(super) fn loggers(&self) -> impl Iterator<Item = (&str, &Logger)> {
        self.loggers
            .iter()
            .map(|(canonical, logger)| (&**canonical, logger))
    }

    /// One logger that was set.
    pub(super) fn logger(&self, canonical: &str) -> Option<&Logger> {
        self.loggers.get(canonical)
    }

    /// Every lease, in the order in which they were granted.
    pub(super) fn leases(&self) -> &[Lease] {
        &self.leases
    }

    /// The leases of one logger, the one that holds last.
    pub(super) fn leases_of(&self, canonical: &str) -> impl Iterator<Item = &Lease> {
        self.leases
            .iter()
            .filter(move |lease| *lease.logger == *canonical)
    }

    /// When the next lease ends.
    pub(super) fn next_end(&self) -> Option<Instant> {
        self.leases.iter().map(|lease| lease.ends).min()
    }

    /// Sets or clears a level. For good: the logger's leases end with it, so that none of them
    /// restores over it. For a time: what holds now holds again afterwards.
    ///
    /// `listed_as` is the spelling for a logger that the table does not know yet.
    pub(super) fn set(
        &mut self,
        name: &LoggerName,
        listed_as: &str,
        setting: Setting,
        ttl: Option<Duration>,
        by: &str,
        now: Moment,
    ) -> Result<Applied, ChangeError> {
        let canonical = &*name.canonical;
        if canonical == AUDIT && setting.level().is_some_and(|level| level < AUDIT_FLOOR) {
            return Err(ChangeError::AuditLog);
        }
        let before = self.levels(canonical);
        let end = ttl.map(|ttl| self.end_of(ttl, now)).transpose()?;
        self.admit(canonical, listed_as, setting, by, now)?;
        let mut lease = None;
        match end {
            Some(ends) => {
                self.last_lease += 1;
                let id = LeaseId(self.last_lease);
                lease = Some((id, ends.wall));
                self.leases.push(Lease {
                    id,
                    logger: canonical.into(),
                    setting,
                    ends: ends.steady,
                    ends_wall: ends.wall,
                    by: by.into(),
                });
            }
            None => {
                self.leases.retain(|lease| *lease.logger != *canonical);
                if let Some(logger) = self.loggers.get_mut(canonical) {
                    logger.permanent = setting.level();
                }
            }
        }
        self.compile();
        Ok(Applied {
            setting,
            before,
            after: self.levels(canonical),
            lease,
        })
    }

    /// Ends one lease early.
    pub(super) fn end_lease(&mut self, id: LeaseId, by: &str, now: Moment) -> Option<Ended> {
        let at = self.leases.iter().position(|lease| lease.id == id)?;
        let ended = self.end(at, by, now);
        self.compile();
        Some(ended)
    }

    /// Ends every lease whose time is over.
    pub(super) fn expire(&mut self, now: Moment) -> Vec<Ended> {
        let mut ended = Vec::new();
        while let Some(at) = self
            .leases
            .iter()
            .position(|lease| lease.ends <= now.steady)
        {
            let by = format!("end of lease {}", self.leases[at].id);
            ended.push(self.end(at, &by, now));
        }
        if !ended.is_empty() {
            self.compile();
        }
        ended
    }

    /// The setting of a logger itself and the level that results for it.
    pub(super) fn levels(&self, canonical: &str) -> Levels {
        Levels {
            configured: self.configured(canonical).into(),
            effective: self.rules.level(canonical),
        }
    }

    fn configured(&self, canonical: &str) -> Option<LevelFilter> {
        let own = match self.leases_of(canonical).last() {
            Some(lease) => lease.setting.level(),
            None => self
                .loggers
                .get(canonical)
                .and_then(|logger| logger.permanent),
        };
        own.or_else(|| canonical.is_empty().then_some(self.start))
    }

    /// Takes a lease out; the rules are compiled afterwards, once for all that end together.
    fn end(&mut self, at: usize, by: &str, now: Moment) -> Ended {
        let canonical = self.leases[at].logger.clone();
        let before = self.configured(&canonical).into();
        let id = self.leases.remove(at).id;
        let after = self.configured(&canonical).into();
        let logger = match self.loggers.get_mut(&canonical) {
            Some(logger) => {
                logger.changed = Change {
                    at: now.wall,
                    by: by.into(),
                };
                Arc::clone(&logger.name)
            }
            None => (&*canonical).into(),
        };
        Ended {
            id,
            logger,
            before,
            after,
        }
    }

    fn end_of(&self, ttl: Duration, now: Moment) -> Result<Moment, ChangeError> {
        if ttl.is_zero() || ttl > MAX_TTL {
            return Err(ChangeError::Ttl { given: ttl });
        }
        if self.leases.len() == MAX_LEASES {
            return Err(ChangeError::TooManyLeases);
        }
        match (now.steady.checked_add(ttl), now.wall.checked_add(ttl)) {
            (Some(steady), Some(wall)) => Ok(Moment { steady, wall }),
            _ => Err(ChangeError::Ttl { given: ttl }),
        }
    }

    /// Makes sure that the logger has its place. Where the table is full, one that was cleared goes.
    fn admit(
        &mut self,
        canonical: &str,
        listed_as: &str,
        setting: Setting,
        by: &str,
        now: Moment,
    ) -> Result<(), ChangeError> {
        let changed = Change {
            at: now.wall,
            by: by.into(),
        };
        if let Some(logger) = self.loggers.get_mut(canonical) {
            logger.changed = changed;
            return Ok(());
        }
        // The root has a place of its own.
        if self.loggers.len() > MAX_HAND_SET {
            let cleared = self.loggers.iter().find(|(name, logger)| {
                logger.permanent.is_none() && self.leases_of(name).next().is_none()
            });
            match cleared.map(|(name, _)| name.clone()) {
                Some(name) if !name.is_empty() => self.loggers.remove(&name),
                _ if setting == Setting::NotSet => return Ok(()),
                _ => return Err(ChangeError::TooManyLoggers),
            };
        }
        let logger = Logger {
            name: listed_as.into(),
            permanent: None,
            changed,
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
            own.insert(&lease.logger, lease.setting.level());
        }
        let mut rules = Rules::new(own.remove("").flatten().unwrap_or(self.start));
        for (canonical, level) in own {
            if let (Some(level), Some(logger)) = (level, self.loggers.get(canonical)) {
                rules.add(
                    canonical,
                    Rule {
                        level,
                        name: Arc::clone(&logger.name),
                    },
                );
            }
        }
        // Who may set levels must not be able to do it unseen.
        if rules.level(AUDIT) < AUDIT_FLOOR {
            rules.add(
                AUDIT,
                Rule {
                    level: AUDIT_FLOOR,
                    name: "admin_runtime::audit".into(),
                },
            );
        }
        self.rules = Arc::new(rules);
    }
}

#[cfg(test)]
pub(super) mod tests;
