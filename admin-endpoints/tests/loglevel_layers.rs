//! The filter on single layers beside another filter, with the log bridge that is installed if the
//! program has no logger.

#![allow(clippy::unwrap_used)]

use std::sync::Mutex;

use admin_endpoints::loglevel::{ConfiguredLevel, LogFacade, LogLevels, LoggerName};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;

/// Keeps the message of every event.
struct MessageLayer(&'static Mutex<Vec<String>>);

impl<S: Subscriber> Layer<S> for MessageLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut message = String::new();
        event.record(
            &mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
                if field.name() == "message" {
                    message = format!("{value:?}");
                }
            },
        );
        self.0.lock().unwrap().push(message);
    }
}

static FIRST: Mutex<Vec<String>> = Mutex::new(Vec::new());
static SECOND: Mutex<Vec<String>> = Mutex::new(Vec::new());
static OTHER: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn take_messages() -> [Vec<String>; 3] {
    [&FIRST, &SECOND, &OTHER].map(|kept| std::mem::take(&mut *kept.lock().unwrap()))
}

fn emit() {
    tracing::debug!(target: "a::traced", "traced");
    log::debug!(target: "a::logged", "logged");
    tracing::debug!(target: "b::other", "other");
}

#[test]
fn clones_on_single_layers_decide_alike() {
    let levels = LogLevels::from_spec("info").unwrap();
    let subscriber = tracing_subscriber::registry()
        .with(MessageLayer(&FIRST).with_filter(levels.filter()))
        .with(MessageLayer(&SECOND).with_filter(levels.filter()))
        .with(MessageLayer(&OTHER).with_filter(filter_fn(|meta| meta.target() == "b::other")));
    tracing::subscriber::set_global_default(subscriber).unwrap();
    assert_eq!(levels.install(), Ok(LogFacade::Bridged));
    let debug = ConfiguredLevel::Set(LevelFilter::DEBUG);
    let (a, b): (LoggerName, LoggerName) = ("a".parse().unwrap(), "b".parse().unwrap());
    let none: [&str; 0] = [];

    emit();
    assert_eq!(take_messages(), [&none[..], &none, &["other"]]);
    assert_eq!(log::max_level(), log::LevelFilter::Info);

    levels.set(&a, debug, None, "test").unwrap();
    assert_eq!(log::max_level(), log::LevelFilter::Debug);
    emit();
    assert_eq!(
        take_messages(),
        [&["traced", "logged"][..], &["traced", "logged"], &["other"]]
    );
    assert!(log::log_enabled!(target: "a::logged", log::Level::Debug));
    assert!(!log::log_enabled!(target: "b::other", log::Level::Debug));

    levels
        .set(&a, ConfiguredLevel::NotSet, None, "test")
        .unwrap();
    emit();
    assert_eq!(take_messages(), [&none[..], &none, &["other"]]);

    // A change on another thread is effective for every callsite too.
    let other_handle = levels.clone();
    let thread = std::thread::Builder::new();
    let set = move || other_handle.set(&b, debug, None, "test").map(drop).unwrap();
    thread.spawn(set).unwrap().join().unwrap();
    emit();
    assert_eq!(take_messages(), [&["other"][..], &["other"], &["other"]]);
    let names: Vec<_> = levels
        .loggers()
        .into_iter()
        .map(|logger| logger.name)
        .collect();
    for name in ["a::traced", "a::logged", "b::other"] {
        assert!(names.contains(&name.into()), "{names:?}");
    }
}
