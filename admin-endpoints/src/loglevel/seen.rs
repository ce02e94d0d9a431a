//! Loggers that were discovered: the targets of callsites and of log records, each as first spelled.

use std::collections::{BTreeMap, HashSet};
use std::sync::{PoisonError, RwLock};

use super::name::{LoggerName, canonical};

/// The most targets that are remembered; what comes later still obeys its level but is not listed.
///
/// ```
/// use admin_endpoints::loglevel::{LogLevels, MAX_SEEN};
///
/// let levels = LogLevels::from_spec("info")?;
/// let complete = levels.loggers().len() < MAX_SEEN; // else the list may lack some
/// assert!(complete);
/// # Ok::<(), admin_endpoints::loglevel::SpecError>(())
/// ```
pub const MAX_SEEN: usize = 16_384;

/// The targets that were met so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    names: RwLock<Names>,
}

#[derive(Debug, Default)]
struct Names {
    /// Every spelling met, for the quick answer that there is nothing to do.
    spellings: HashSet<Box<str>>,
    /// The first spelling by canonical name.
    first: BTreeMap<Box<str>, Box<str>>,
}

impl Seen {
    /// Remembers a target.
    pub(super) fn note(&self, target: &str) {
        {
            let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
            if names.spellings.contains(target) || names.spellings.len() >= MAX_SEEN {
                return;
            }
        }
        if !LoggerName::is_listable(target) {
            return;
        }
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        if names.spellings.len() < MAX_SEEN && names.spellings.insert(target.into()) {
            names
                .first
                .entry(canonical(target).into())
                .or_insert_with(|| target.into());
        }
    }

    /// The first spelling of a logger that was met.
    pub(super) fn spelling(&self, canonical: &str) -> Option<Box<str>> {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        names.first.get(canonical).cloned()
    }

    /// Every logger met: canonical name and first spelling.
    pub(super) fn all(&self) -> BTreeMap<Box<str>, Box<str>> {
        self.names
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .first
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logger_is_remembered_once_as_first_spelled() {
        let seen = Seen::default();
        for target in ["a::b", "a.b", "a::b", "c"] {
            seen.note(target);
        }
        let all: Vec<_> = seen.all().into_values().collect();
        assert_eq!(all, ["a::b".into(), Box::<str>::from("c")]);
        assert_eq!(seen.spelling("a.b").as_deref(), Some("a::b"));
    }

    #[test]
    fn a_target_that_would_forge_a_line_is_not_remembered() {
        let seen = Seen::default();
        seen.note("a: DEBUG\nroot");
        seen.note("");
        seen.note(&"x".repeat(513));
        assert!(seen.all().is_empty());
    }

    #[test]
    fn targets_made_up_at_run_time_do_not_grow_it_for_ever() {
        let seen = Seen::default();
        for n in 0..MAX_SEEN + 10 {
            seen.note(&format!("made.up.{n}"));
        }
        assert_eq!(seen.all().len(), MAX_SEEN);
    }
}
