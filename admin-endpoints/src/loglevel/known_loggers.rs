//! Discovered loggers: the targets of callsites and of log records, as they were first spelled.

use std::collections::{BTreeMap, HashSet};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::limits::MAX_KNOWN_LOGGERS;
use super::name::{LoggerName, canonical};

/// The targets that were discovered so far.
#[derive(Debug, Default)]
pub(super) struct KnownLoggers {
    index: RwLock<LoggerIndex>,
}

#[derive(Debug, Default)]
struct LoggerIndex {
    /// Every spelling, for the quick check whether a target is known.
    spellings: HashSet<Box<str>>,
    /// The first spelling by canonical name.
    first_spellings: BTreeMap<Box<str>, Box<str>>,
}

impl KnownLoggers {
    /// Adds a target unless it is known, cannot be listed, or the limit is reached.
    pub(super) fn record(&self, target: &str) {
        {
            let index = self.read();
            if index.is_full() || index.spellings.contains(target) {
                return;
            }
        }
        if !LoggerName::is_listable(target) {
            return;
        }
        let mut index = self.write();
        if !index.is_full() && index.spellings.insert(target.into()) {
            index
                .first_spellings
                .entry(canonical(target).into())
                .or_insert_with(|| target.into());
        }
    }

    /// The first spelling of a discovered logger.
    pub(super) fn spelling(&self, canonical: &str) -> Option<Box<str>> {
        self.read().first_spellings.get(canonical).cloned()
    }

    /// The first spelling of every discovered logger by canonical name.
    pub(super) fn all(&self) -> BTreeMap<Box<str>, Box<str>> {
        self.read().first_spellings.clone()
    }

    fn read(&self) -> RwLockReadGuard<'_, LoggerIndex> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, LoggerIndex> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LoggerIndex {
    fn is_full(&self) -> bool {
        self.spellings.len() >= MAX_KNOWN_LOGGERS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logger_keeps_its_first_spelling() {
        let known = KnownLoggers::default();
        for target in ["a::b", "a.b", "a::b", "c"] {
            known.record(target);
        }
        let all: Vec<_> = known.all().into_values().collect();
        assert_eq!(all, ["a::b".into(), Box::<str>::from("c")]);
        assert_eq!(known.spelling("a.b").as_deref(), Some("a::b"));
    }

    #[test]
    fn targets_that_forge_lines_are_not_listed() {
        let known = KnownLoggers::default();
        known.record("a: DEBUG\nroot");
        known.record("a\u{2028}root: DEBUG");
        known.record("");
        known.record(&"x".repeat(513));
        assert!(known.all().is_empty());
    }

    #[test]
    fn number_of_targets_is_bounded() {
        let known = KnownLoggers::default();
        for n in 0..MAX_KNOWN_LOGGERS + 10 {
            known.record(&format!("made.up.{n}"));
        }
        assert_eq!(known.all().len(), MAX_KNOWN_LOGGERS);
    }
}
