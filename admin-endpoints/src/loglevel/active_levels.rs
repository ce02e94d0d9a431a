//! The levels in effect, as filters and the log bridge read them on any thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use tracing::callsite;
use tracing::dispatcher::{self, Dispatch, WeakDispatch};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::NoSubscriber;
use tracing_log::AsLog;

use super::known_loggers::KnownLoggers;
use super::rules::LevelRules;
use crate::sync::lock;

/// The current rules, the discovered loggers, and the subscribers that must learn of changes.
#[derive(Debug)]
pub(super) struct ActiveLevels {
    rules: ArcSwap<LevelRules>,
    pub(super) known: KnownLoggers,
    /// Whether a subscriber has called a filter of these levels.
    in_subscriber: AtomicBool,
    /// Whether records of `log` reach a filter of these levels.
    controls_log: AtomicBool,
    subscribers: Mutex<Vec<WeakDispatch>>,
}

impl ActiveLevels {
    pub(super) fn new(rules: Arc<LevelRules>) -> Self {
        Self {
            rules: ArcSwap::new(rules),
            known: KnownLoggers::default(),
            in_subscriber: AtomicBool::new(false),
            controls_log: AtomicBool::new(false),
            subscribers: Mutex::default(),
        }
    }

    /// The effective level of a target.
    pub(super) fn level(&self, target: &str) -> LevelFilter {
        self.rules.load().level(target)
    }

    /// The most verbose effective level.
    pub(super) fn most_verbose(&self) -> LevelFilter {
        self.rules.load().most_verbose()
    }

    /// Replaces the rules and rebuilds the cached interest of every callsite.
    ///
    /// Calls must not overlap, or the interest of older rules could be cached over that of newer
    /// ones: the caller holds the lock of the table.
    pub(super) fn publish(&self, rules: Arc<LevelRules>) {
        self.rules.store(rules);
        self.rebuild_interest();
        if self.controls_log() {
            self.sync_log_max_level();
        }
    }

    /// Rebuilds the cached interest of every callsite.
    pub(super) fn rebuild_interest(&self) {
        if !dispatcher::get_default(|current| current.is::<NoSubscriber>()) {
            return callsite::rebuild_interest_cache();
        }
        // If only one subscriber exists, tracing asks that of the current thread. A thread outside
        // a scoped subscriber has none, which would disable every callsite.
        if let Some(subscriber) = self.subscribers().first() {
            dispatcher::with_default(subscriber, callsite::rebuild_interest_cache);
        }
    }

    /// Adds a subscriber that has a filter of these levels.
    pub(super) fn register_subscriber(&self, subscriber: &Dispatch) {
        let mut subscribers = lock(&self.subscribers);
        subscribers.retain(|known| known.upgrade().is_some());
        subscribers.push(subscriber.downgrade());
    }

    /// The registered subscribers that still exist.
    pub(super) fn subscribers(&self) -> Vec<Dispatch> {
        let subscribers = lock(&self.subscribers);
        subscribers
            .iter()
            .filter_map(WeakDispatch::upgrade)
            .collect()
    }

    pub(super) fn mark_in_subscriber(&self) {
        self.in_subscriber.store(true, Ordering::Relaxed);
    }

    pub(super) fn in_subscriber(&self) -> bool {
        self.in_subscriber.load(Ordering::Relaxed)
    }

    /// From now on the maximum level of `log` follows these levels.
    pub(super) fn take_control_of_log(&self) {
        self.controls_log.store(true, Ordering::Release);
        self.sync_log_max_level();
    }

    pub(super) fn controls_log(&self) -> bool {
        self.controls_log.load(Ordering::Acquire)
    }

    /// Sets the maximum level of `log`, above which its macros return at once.
    fn sync_log_max_level(&self) {
        log::set_max_level(self.most_verbose().as_log());
    }
}
