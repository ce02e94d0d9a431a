//! The filter on single layers beside a user's own filter, with the bridge of `log` that is set
//! where the program has none.

#![allow(clippy::unwrap_used)]

use std::sync::Mutex;

use admin_endpoints::loglevel::{LogFacade, LogLevels, Setting};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;

/// Keeps the message of every event.
struct Keep(&'static Mutex<Vec<String>>);

impl<S: Subscriber> Layer<S> for Keep {
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
static OWN: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn taken() -> [Vec<String>; 3] {
    [&FIRST, &SECOND, &OWN].map(|kept| std::mem::take(&mut *kept.lock().unwrap()))
}

fn speak() {
    tracing::debug!(target: "a::traced", "traced");
    log::debug!(target: "a::logged", "logged");
    tracing::debug!(target: "b::other", "other");
}

#[test]
fn clones_on_single_layers_decide_alike_and_other_filters_stay_what_they_are() {
    let levels = LogLevels::from_spec("info").unwrap();
    let subscriber = tracing_subscriber::registry()
        .with(Keep(&FIRST).with_filter(levels.filter()))
        .with(Keep(&SECOND).with_filter(levels.filter()))
        .with(Keep(&OWN).with_filter(filter_fn(|meta| meta.target() == "b::other")));
    tracing::subscriber::set_global_default(subscriber).unwrap();
    assert_eq!(levels.install(), Ok(LogFacade::Bridged));
    let debug = Setting::At(LevelFilter::DEBUG);
    let none: [&str; 0] = [];

    speak();
    assert_eq!(taken(), [&none[..], &none, &["other"]]);
    assert_eq!(log::max_level(), log::LevelFilter::Info);

    levels.set("a", debug, None, "test").unwrap();
    assert_eq!(log::max_level(), log::LevelFilter::Debug);
    speak();
    assert_eq!(
        taken(),
        [&["traced", "logged"][..], &["traced", "logged"], &["other"]]
    );
    assert!(log::log_enabled!(target: "a::logged", log::Level::Debug));
    assert!(!log::log_enabled!(target: "b::other", log::Level::Debug));

    levels.set("a", Setting::NotSet, None, "test").unwrap();
    speak();
    assert_eq!(taken(), [&none[..], &none, &["other"]]);

    // A change from a thread that has never seen the subscriber reaches every callsite too.
    let elsewhere = levels.clone();
    let thread = std::thread::Builder::new();
    let set = move || elsewhere.set("b", debug, None, "test").map(drop).unwrap();
    thread.spawn(set).unwrap().join().unwrap();
    speak();
    assert_eq!(taken(), [&["other"][..], &["other"], &["other"]]);
    let names: Vec<_> = levels
        .loggers()
        .into_iter()
        .map(|logger| logger.name)
        .collect();
    for name in ["a::traced", "a::logged", "b::other"] {
        assert!(names.contains(&name.into()), "{names:?}");
    }
}
