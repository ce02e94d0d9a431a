//! The levels in effect, as filters and the log bridge read them on any thread.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering, fence};
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use tracing::Level;
use tracing::callsite;
use tracing::dispatcher::{self, Dispatch, WeakDispatch};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::NoSubscriber;
use tracing_log::AsLog;

use super::known_loggers::KnownLoggers;
use super::name::ROOT_LOGGER;
use super::rules::LevelRules;
use crate::log_records::RecordHub;
use crate::sync::lock;

/// What [`ActiveLevels::unchecked`] is until the first client.
const ALL_UNCHECKED: u8 = u8::MAX;

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
    /// Whether a filter of these levels decides for a whole subscriber.
    is_layer: AtomicBool,
    /// Who takes events as data, also events that the rules disable.
    pub(super) hub: RecordHub,
    /// Events up to this verbosity need no check when they arrive: nobody takes them, and no rule
    /// disables them. [`ALL_UNCHECKED`] while no event was ever enabled for a client.
    unchecked: AtomicU8,
}

impl ActiveLevels {
    pub(super) fn new(rules: Arc<LevelRules>) -> Self {
        Self {
            rules: ArcSwap::new(rules),
            known: KnownLoggers::default(),
            in_subscriber: AtomicBool::new(false),
            controls_log: AtomicBool::new(false),
            subscribers: Mutex::default(),
            is_layer: AtomicBool::new(false),
            hub: RecordHub::default(),
            unchecked: AtomicU8::new(ALL_UNCHECKED),
        }
    }

    /// The effective level of a target.
    pub(super) fn level(&self, target: &str) -> LevelFilter {
        self.rules.load().level(target)
    }

    /// The most verbose level of the rules.
    pub(super) fn most_verbose_rule(&self) -> LevelFilter {
        self.rules.load().most_verbose()
    }

    /// The most verbose level that the rules or a client enable.
    pub(super) fn most_verbose(&self) -> LevelFilter {
        self.most_verbose_rule().max(self.hub.most_verbose())
    }

    /// Whether an event may pass without a look at the rules or the clients.
    ///
    /// Every enabled event asks this: without a client it is a load and a comparison.
    #[inline]
    pub(super) fn is_unchecked(&self, level: Level) -> bool {
        // A thread that has seen the interest of a client must see what was stored before it.
        fence(Ordering::Acquire);
        match self.unchecked.load(Ordering::Relaxed) {
            ALL_UNCHECKED => true,
            unchecked => verbosity(LevelFilter::from_level(level)) <= unchecked,
        }
    }

    fn update_unchecked(&self) {
        let unchecked = if !self.hub.is_idle() {
            0
        } else if self.unchecked.load(Ordering::Relaxed) == ALL_UNCHECKED {
            ALL_UNCHECKED
        } else {
            // An event that was enabled for a client that has gone may arrive now.
            verbosity(self.rules.load().least_verbose())
        };
        self.unchecked.store(unchecked, Ordering::SeqCst);
    }

    /// Replaces the rules and rebuilds the cached interest of every callsite.
    ///
    /// Calls must not overlap, or the interest of older rules could be cached over that of newer
    /// ones: the caller holds the lock of the table.
    pub(super) fn publish(&self, rules: Arc<LevelRules>) {
        self.rules.store(rules);
        self.update_unchecked();
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

    /// Whether an event or a callsite of a logger, or of one below it, was seen.
    #[cfg_attr(not(feature = "logs"), allow(dead_code))]
    pub(super) fn is_known(&self, canonical: &str) -> bool {
        self.known.has_any_of(canonical)
    }

    /// A target that events of a logger or family have: as it is spelled in the program if it is
    /// known, otherwise as the path of a module.
    pub(super) fn typical_target(&self, canonical: &str) -> String {
        if let Some(spelling) = self.known.spelling(canonical) {
            return spelling.into();
        }
        match canonical.trim_end_matches(['*', '.']) {
            "" => ROOT_LOGGER.to_owned(),
            name => name.replace('.', "::"),
        }
    }

    pub(super) fn mark_in_subscriber(&self) {
        self.in_subscriber.store(true, Ordering::Relaxed);
    }

    pub(super) fn mark_layer(&self) {
        self.is_layer.store(true, Ordering::Relaxed);
    }

    /// Whether a filter of these levels is a layer of its own: then it sees every event.
    #[cfg_attr(not(feature = "logs"), allow(dead_code))]
    pub(super) fn is_layer(&self) -> bool {
        self.is_layer.load(Ordering::Relaxed)
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

/// 0 for `OFF` to 5 for `TRACE`.
fn verbosity(level: LevelFilter) -> u8 {
    match level.into_level() {
        None => 0,
        Some(Level::ERROR) => 1,
        Some(Level::WARN) => 2,
        Some(Level::INFO) => 3,
        Some(Level::DEBUG) => 4,
        Some(Level::TRACE) => 5,
    }
}
