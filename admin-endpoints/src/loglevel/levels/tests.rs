//! The levels with their timer under a manual clock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::UNIX_EPOCH;

use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::*;
use crate::loglevel::moment::tests::at;

/// Levels under a clock that starts at `at(0)`.
struct ManualLevels {
    levels: LogLevels,
    clock: Clock,
}

impl ManualLevels {
    fn new() -> Self {
        let clock = Clock::manual(at(0).monotonic, UNIX_EPOCH);
        Self {
            levels: LogLevels::with_clock("info", clock.clone()).unwrap(),
            clock,
        }
    }

    fn set(&self, logger: &str, level: ConfiguredLevel, ttl: Option<Ttl>) {
        let logger = logger.parse().unwrap();
        self.levels.set(&logger, level, ttl, "test").unwrap();
    }

    fn level(&self, target: &str) -> LevelFilter {
        self.levels.level(target)
    }

    /// Moves the clock to `seconds` after its start and lets the timer do what is due.
    fn move_to(&self, seconds: u64) {
        self.clock.advance(at(seconds).monotonic - self.clock.now());
        self.levels.shared.timer.run_to_completion();
    }
}

fn minutes(n: u64) -> Option<Ttl> {
    Some(Duration::from_secs(60 * n).try_into().unwrap())
}

const DEBUG: ConfiguredLevel = ConfiguredLevel::Set(LevelFilter::DEBUG);
const TRACE: ConfiguredLevel = ConfiguredLevel::Set(LevelFilter::TRACE);

#[test]
fn timed_levels_end_on_time() {
    let levels = ManualLevels::new();
    levels.set("a", DEBUG, minutes(10));
    levels.set("a", TRACE, minutes(3));
    levels.set("b*", TRACE, minutes(5));
    for (second, a, b) in [
        (0, LevelFilter::TRACE, LevelFilter::TRACE),
        (179, LevelFilter::TRACE, LevelFilter::TRACE),
        (180, LevelFilter::DEBUG, LevelFilter::TRACE),
        (299, LevelFilter::DEBUG, LevelFilter::TRACE),
        (300, LevelFilter::DEBUG, LevelFilter::INFO),
        (599, LevelFilter::DEBUG, LevelFilter::INFO),
        (600, LevelFilter::INFO, LevelFilter::INFO),
    ] {
        levels.move_to(second);
        let got = (levels.level("a::x"), levels.level("bb"));
        assert_eq!(got, (a, b), "at second {second}");
    }
}

#[test]
fn later_shorter_lease_ends_first() {
    let levels = ManualLevels::new();
    levels.set("a", DEBUG, minutes(10));
    levels.move_to(30);
    levels.set("b", DEBUG, minutes(1));
    levels.move_to(90);
    let got = (levels.level("a"), levels.level("b"));
    assert_eq!(got, (LevelFilter::DEBUG, LevelFilter::INFO));
}

#[test]
fn list_shows_leases_and_their_end() {
    let levels = ManualLevels::new();
    levels.set("a", DEBUG, minutes(10));
    levels.move_to(60);
    let name = "a".parse().unwrap();
    let lease = &levels.levels.logger(&name).leases[0];
    let expected = (at(600).wall, Duration::from_secs(540));
    assert_eq!((lease.ends, lease.ends_in), expected);
    levels.move_to(600);
    let logger = levels.levels.logger(&name);
    assert_eq!(logger.configured, ConfiguredLevel::NotSet);
    assert!(logger.leases.is_empty());
    assert_eq!(logger.changed.unwrap().actor, "end of lease 1".into());
}

/// Counts the events of `a::b` that reach it, and how often its callsite is registered.
#[derive(Clone, Debug, Default)]
struct CountingLayer {
    events: Arc<AtomicUsize>,
    registrations: Arc<AtomicUsize>,
}

impl<S: Subscriber> Layer<S> for CountingLayer {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        let counts = metadata.target() == "a::b";
        self.registrations
            .fetch_add(usize::from(counts), Ordering::Relaxed);
        Interest::always()
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let counts = event.metadata().target() == "a::b";
        self.events
            .fetch_add(usize::from(counts), Ordering::Relaxed);
    }
}

#[test]
fn timer_rebuilds_callsites_of_scoped_subscribers() {
    let levels = ManualLevels::new();
    let counter = CountingLayer::default();
    let subscriber = tracing_subscriber::registry()
        .with(counter.clone())
        .with(levels.levels.filter());
    let _scope = tracing::subscriber::set_default(subscriber);
    let emit = || {
        tracing::debug!(target: "a::b", "hello");
        counter.events.swap(0, Ordering::Relaxed)
    };
    assert_eq!(emit(), 0);
    levels.set("a", DEBUG, minutes(1));
    assert_eq!(emit(), 1);
    // Once more after a second, for callsites that were first reached during the change.
    levels.move_to(0);
    let registrations = counter.registrations.load(Ordering::Relaxed);
    levels.move_to(1);
    let after = counter.registrations.load(Ordering::Relaxed);
    assert_eq!(after, registrations + 1);
    levels.move_to(59);
    assert_eq!(emit(), 1);
    levels.move_to(60);
    assert_eq!(emit(), 0);
}

#[test]
fn first_spelling_is_listed() {
    let levels = ManualLevels::new();
    levels.set("x.y", DEBUG, None);
    levels.levels.active().known.record("x::y");
    levels.levels.active().known.record("v::w");
    levels.set("v.w", DEBUG, None);
    let loggers = levels.levels.loggers().into_iter();
    let names: Vec<_> = loggers.map(|logger| logger.name).collect();
    assert_eq!(names, ["root", "v::w", "x.y"].map(Box::from));
}

#[test]
fn timer_thread_ends_with_its_levels() {
    let levels = ManualLevels::new();
    levels.set("a", DEBUG, minutes(10));
    levels.move_to(1);
    let shared = Arc::downgrade(&levels.levels.shared);
    let thread_has_ended = levels.levels.shared.timer.end_of_thread();
    assert!(!thread_has_ended());
    drop(levels);
    assert!(shared.upgrade().is_none());
    while !thread_has_ended() {
        thread::yield_now();
    }
}
