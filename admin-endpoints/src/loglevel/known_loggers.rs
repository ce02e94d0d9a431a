//! Discovered loggers: the targets of callsites and of log records, as they were first spelled.

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;
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

    /// Whether a discovered logger is this one, below it, or of this family (`a.b*`).
    pub(super) fn has_any_of(&self, canonical: &str) -> bool {
        let index = self.read();
        let prefix = canonical.trim_end_matches('*');
        let is_family = prefix.len() < canonical.len();
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let names = index.first_spellings.range::<str, _>(from);
        let names = names.map(|(name, _)| &**name);
        let is_wanted = |name: &str| {
            let rest = name.strip_prefix(prefix);
            rest.is_some_and(|rest| is_family || rest.is_empty() || rest.starts_with('.'))
        };
        index.is_full()
            || names
                .take_while(|name| name.starts_with(prefix))
                .any(is_wanted)
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
    fn loggers_are_found_by_their_beginning() {
        let known = KnownLoggers::default();
        for target in ["app::cache::lru", "app::cached", "net"] {
            known.record(target);
        }
        for name in ["app", "app.cache", "app.cache.lru", "app.ca*", "net", "*"] {
            assert!(known.has_any_of(name), "{name}");
        }
        for name in ["ap", "app.cach", "app.cache.lru.x", "dbug", "net.x", "zz*"] {
            assert!(!known.has_any_of(name), "{name}");
        }
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
