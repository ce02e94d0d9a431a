//! What the filter and the bridge read on any thread, and how a change reaches every callsite.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use tracing::callsite;
use tracing::dispatcher::{self, Dispatch, WeakDispatch};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::NoSubscriber;

use super::bridge;
use super::rules::Rules;
use super::seen::Seen;

/// The rules in force and the targets seen.
#[derive(Debug)]
pub(super) struct Live {
    rules: ArcSwap<Rules>,
    pub(super) seen: Seen,
    /// Whether a subscriber has asked this filter for anything yet.
    in_subscriber: AtomicBool,
    /// Whether records of `log` come to this filter, so that `log`'s maximum must follow.
    drives_log: AtomicBool,
    subscribers: Mutex<Vec<WeakDispatch>>,
}

impl Live {
    pub(super) fn new(rules: Arc<Rules>) -> Self {
        Live {
            rules: ArcSwap::new(rules),
            seen: Seen::default(),
            in_subscriber: AtomicBool::new(false),
            drives_log: AtomicBool::new(false),
            subscribers: Mutex::default(),
        }
    }

    /// The level in force for a target.
    pub(super) fn level(&self, target: &str) -> LevelFilter {
        self.rules.load().level(target)
    }

    /// The most verbose level in force.
    pub(super) fn most_verbose(&self) -> LevelFilter {
        self.rules.load().most_verbose()
    }

    /// Puts new rules in force and has every callsite ask again. Calls must not overlap: the caller
    /// holds the table's lock, or an older answer could be kept over a newer one.
    pub(super) fn publish(&self, rules: Arc<Rules>) {
        self.rules.store(rules);
        self.ask_again();
        if self.drives_log() {
            bridge::follow(self.most_verbose());
        }
    }

    /// Has every callsite ask again.
    pub(super) fn ask_again(&self) {
        if !dispatcher::get_default(|current| current.is::<NoSubscriber>()) {
            return callsite::rebuild_interest_cache();
        }
        // With one subscriber alive tracing asks only the current thread's, and a thread outside of
        // a scoped subscriber has none: every callsite would be told that nobody listens.
        let known = self.subscribers().iter().find_map(WeakDispatch::upgrade);
        if let Some(subscriber) = known {
            dispatcher::with_default(&subscriber, callsite::rebuild_interest_cache);
        }
    }

    /// Remembers a subscriber that this filter is part of.
    pub(super) fn joined(&self, subscriber: &Dispatch) {
        let mut subscribers = self.subscribers();
        subscribers.retain(|known| known.upgrade().is_some());
        subscribers.push(subscriber.downgrade());
    }

    pub(super) fn mark_in_subscriber(&self) {
        self.in_subscriber.store(true, Ordering::Relaxed);
    }

    pub(super) fn in_subscriber(&self) -> bool {
        self.in_subscriber.load(Ordering::Relaxed)
    }

    pub(super) fn drive_log(&self) {
        self.drives_log.store(true, Ordering::Release);
        bridge::follow(self.most_verbose());
    }

    pub(super) fn drives_log(&self) -> bool {
        self.drives_log.load(Ordering::Acquire)
    }

    fn subscribers(&self) -> std::sync::MutexGuard<'_, Vec<WeakDispatch>> {
        self.subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
