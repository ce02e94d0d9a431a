//! The levels with their timer under a clock that stands still until it is told to move.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Weak};
use std::thread;

use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::*;
use crate::loglevel::table::tests::at;

/// A clock that moves when it is told to, and then waits until the timer has done what was due.
#[derive(Debug)]
struct PausedClock {
    state: Mutex<Paused>,
    changed: Condvar,
}

#[derive(Debug)]
struct Paused {
    seconds: u64,
    woken: bool,
    /// What the timer waits for while it waits.
    waits: Option<Option<Instant>>,
}

impl PausedClock {
    fn new() -> Arc<Self> {
        let state = Mutex::new(Paused {
            seconds: 0,
            woken: false,
            waits: None,
        });
        Arc::new(PausedClock {
            state,
            changed: Condvar::new(),
        })
    }

    /// Moves to `seconds` after the start and returns when the timer waits with nothing left to do.
    fn move_to(&self, seconds: u64) {
        let mut state = self.state.lock().unwrap();
        state.seconds = seconds;
        self.changed.notify_all();
        drop(
            self.changed
                .wait_while(state, |state| !state.is_quiet())
                .unwrap(),
        );
    }
}

impl Paused {
    fn is_due(&self, end: Option<Instant>) -> bool {
        self.woken || end.is_some_and(|end| end <= at(self.seconds).steady)
    }

    fn is_quiet(&self) -> bool {
        self.waits.is_some_and(|end| !self.is_due(end))
    }
}

impl Clock for PausedClock {
    fn now(&self) -> Moment {
        at(self.state.lock().unwrap().seconds)
    }

    fn wait_until(&self, end: Option<Instant>) {
        let mut state = self.state.lock().unwrap();
        state.waits = Some(end);
        self.changed.notify_all();
        let mut state = self
            .changed
            .wait_while(state, |state| !state.is_due(end))
            .unwrap();
        state.woken = false;
        state.waits = None;
    }

    fn wake(&self) {
        self.state.lock().unwrap().woken = true;
        self.changed.notify_all();
    }
}

fn minutes(n: u64) -> Option<Duration> {
    Some(Duration::from_secs(60 * n))
}

const DEBUG: Setting = Setting::At(LevelFilter::DEBUG);
const TRACE: Setting = Setting::At(LevelFilter::TRACE);

#[test]
fn timed_levels_end_by_themselves_and_on_time() {
    let clock = PausedClock::new();
    let levels = LogLevels::with_clock("info", clock.clone()).unwrap();
    levels.set("a", DEBUG, minutes(10), "test").unwrap();
    levels.set("a", TRACE, minutes(3), "test").unwrap();
    levels.set("b*", TRACE, minutes(5), "test").unwrap();
    for (second, a, b) in [
        (0, LevelFilter::TRACE, LevelFilter::TRACE),
        (179, LevelFilter::TRACE, LevelFilter::TRACE),
        (180, LevelFilter::DEBUG, LevelFilter::TRACE),
        (299, LevelFilter::DEBUG, LevelFilter::TRACE),
        (300, LevelFilter::DEBUG, LevelFilter::INFO),
        (599, LevelFilter::DEBUG, LevelFilter::INFO),
        (600, LevelFilter::INFO, LevelFilter::INFO),
    ] {
        clock.move_to(second);
        assert_eq!(
            (levels.level("a::x"), levels.level("bb")),
            (a, b),
            "at second {second}"
        );
    }
}

#[test]
fn a_shorter_lease_that_comes_later_is_not_overslept() {
    let clock = PausedClock::new();
    let levels = LogLevels::with_clock("info", clock.clone()).unwrap();
    levels.set("a", DEBUG, minutes(10), "test").unwrap();
    clock.move_to(30);
    levels.set("b", DEBUG, minutes(1), "test").unwrap();
    clock.move_to(90);
    assert_eq!(
        (levels.level("a"), levels.level("b")),
        (LevelFilter::DEBUG, LevelFilter::INFO)
    );
}

#[test]
fn the_list_shows_when_a_lease_ends_and_then_that_it_did() {
    let clock = PausedClock::new();
    let levels = LogLevels::with_clock("info", clock.clone()).unwrap();
    levels.set("a", DEBUG, minutes(10), "ops").unwrap();
    clock.move_to(60);
    let lease = &levels.logger("a").unwrap().leases[0];
    assert_eq!(
        (lease.ends, lease.ends_in),
        (at(600).wall, Duration::from_secs(540))
    );
    clock.move_to(600);
    let a = levels.logger("a").unwrap();
    assert_eq!((a.configured, a.leases.len()), (Setting::NotSet, 0));
    assert_eq!(a.changed.unwrap().by, "end of lease 1".into());
}

/// Counts what reaches it, and how often the callsite `a::b` was asked.
#[derive(Clone, Debug, Default)]
struct Listener {
    events: Arc<AtomicUsize>,
    asked: Arc<AtomicUsize>,
}

impl<S: Subscriber> Layer<S> for Listener {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.asked
            .fetch_add(usize::from(metadata.target() == "a::b"), Ordering::Relaxed);
        Interest::always()
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let counts = event.metadata().target() == "a::b";
        self.events
            .fetch_add(usize::from(counts), Ordering::Relaxed);
    }
}

#[test]
fn the_timer_reaches_callsites_of_a_subscriber_that_its_thread_does_not_have() {
    let clock = PausedClock::new();
    let levels = LogLevels::with_clock("info", clock.clone()).unwrap();
    let heard = Listener::default();
    let subscriber = tracing_subscriber::registry()
        .with(heard.clone())
        .with(levels.filter());
    let _scope = tracing::subscriber::set_default(subscriber);
    let speak = || {
        tracing::debug!(target: "a::b", "hello");
        heard.events.swap(0, Ordering::Relaxed)
    };
    assert_eq!(speak(), 0);
    levels.set("a", DEBUG, minutes(1), "test").unwrap();
    assert_eq!(speak(), 1);
    // Once more after a second, for what was reached for the first time during the change.
    clock.move_to(0);
    let asked = heard.asked.load(Ordering::Relaxed);
    clock.move_to(1);
    assert_eq!(heard.asked.load(Ordering::Relaxed), asked + 1);
    clock.move_to(59);
    assert_eq!(speak(), 1);
    clock.move_to(60);
    assert_eq!(speak(), 0);
}

#[test]
fn what_is_set_first_gives_the_spelling() {
    let levels = LogLevels::with_clock("info", PausedClock::new()).unwrap();
    levels.set("x.y", DEBUG, None, "test").unwrap();
    levels.shared.live.seen.note("x::y");
    levels.shared.live.seen.note("v::w");
    levels.set("v.w", DEBUG, None, "test").unwrap();
    let names: Vec<_> = levels
        .loggers()
        .into_iter()
        .map(|logger| logger.name)
        .collect();
    assert_eq!(
        names,
        ["root".into(), "v::w".into(), Box::<str>::from("x.y")]
    );
}

#[test]
fn the_timer_ends_with_its_levels() {
    let clock = PausedClock::new();
    let levels = LogLevels::with_clock("info", clock.clone()).unwrap();
    levels.set("a", DEBUG, minutes(10), "test").unwrap();
    clock.move_to(1);
    let shared: Weak<Shared> = Arc::downgrade(&levels.shared);
    drop(levels);
    assert!(shared.upgrade().is_none());
    // What the thread holds of the clock is let go when it ends.
    while Arc::strong_count(&clock) > 1 {
        thread::yield_now();
    }
}
