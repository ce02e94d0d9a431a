//! A program whose own `EnvFilter` is on one of its layers: such a filter rejects events for that
//! layer only, and the reply to a set says so too. What it hides at the start is in the index.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicUsize, Ordering};

use admin_endpoints::loglevel::{LogFacade, LogLevels, LoggerName};
use admin_runtime::AdminServer;
use serde_json::Value;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;

/// Counts the events of `app`.
struct CountingLayer(&'static AtomicUsize);

impl<S: Subscriber> Layer<S> for CountingLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let counts = event.metadata().target().starts_with("app");
        self.0.fetch_add(usize::from(counts), Ordering::Relaxed);
    }
}

static CONSOLE_EVENTS: AtomicUsize = AtomicUsize::new(0);
static FILE_EVENTS: AtomicUsize = AtomicUsize::new(0);

/// The number of events that the console and the file receive, of one at DEBUG.
fn received_debug_events() -> (usize, usize) {
    tracing::debug!(target: "app::cache", "an event");
    let received = |count: &AtomicUsize| count.swap(0, Ordering::Relaxed);
    (received(&CONSOLE_EVENTS), received(&FILE_EVENTS))
}

#[tokio::test]
async fn set_says_that_one_layer_hides() {
    let levels = LogLevels::from_spec("info,app::start=debug").unwrap();
    let (own_filter, handle) = tracing_subscriber::reload::Layer::new(EnvFilter::new("info"));
    tracing_subscriber::registry()
        .with(CountingLayer(&CONSOLE_EVENTS).with_filter(own_filter))
        .with(levels.filter())
        .with(CountingLayer(&FILE_EVENTS))
        .init();
    assert_eq!(levels.install(), Ok(LogFacade::Bridged));
    let server = AdminServer::builder().build().unwrap();
    let index: Value = server.test_client().get("/").await.json();
    let mut endpoints = index["endpoints"].as_array().unwrap().iter();
    let loglevel = endpoints.find(|endpoint| endpoint["path"] == "/loglevel");
    assert_eq!(
        loglevel.unwrap()["status"]["hidden"],
        "another filter of the subscriber hides app::start below INFO"
    );

    let app: LoggerName = "app".parse().unwrap();
    let debug = "DEBUG".parse().unwrap();
    let change = levels.set(&app, debug, None, "test").unwrap();
    assert_eq!(change.hidden_below, Some(LevelFilter::INFO));
    assert_eq!(received_debug_events(), (0, 1));

    handle.reload(EnvFilter::new("info,app=debug")).unwrap();
    let change = levels.set(&app, debug, None, "test").unwrap();
    assert_eq!(change.hidden_below, None);
    assert_eq!(received_debug_events(), (1, 1));
}
