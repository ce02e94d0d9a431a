//! A program whose own `EnvFilter` is a layer of its subscriber: the reply to a set says what this
//! filter hides, and it is right for events of tracing and for records of `log`.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicUsize, Ordering};

use admin_endpoints::loglevel::{LogFacade, LogLevels};
use admin_runtime::testing::TestClient;
use admin_runtime::{AdminServer, HttpMethod};
use serde_json::Value;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;

static RECEIVED_EVENTS: AtomicUsize = AtomicUsize::new(0);

/// Counts the events of this program.
struct CountingLayer;

impl<S: Subscriber> Layer<S> for CountingLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut counts = false;
        event.record(
            &mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
                counts |= field.name() == "message" && format!("{value:?}") == "counted";
            },
        );
        RECEIVED_EVENTS.fetch_add(usize::from(counts), Ordering::Relaxed);
    }
}

/// The number of DEBUG events that the output receives, of one by tracing and one by `log`.
macro_rules! received_debug_events {
    ($target:literal) => {{
        tracing::debug!(target: $target, "counted");
        log::debug!(target: $target, "counted");
        RECEIVED_EVENTS.swap(0, Ordering::Relaxed)
    }};
}

async fn get(client: &TestClient, path: &str) -> String {
    let reply = client.get(path).await;
    assert_eq!(reply.status().as_u16(), 200, "{path}: {}", reply.text());
    reply.text().to_owned()
}

/// What the index says about loggers that are hidden.
async fn hidden_status(client: &TestClient) -> Value {
    let index: Value = client.get("/").await.json();
    let mut endpoints = index["endpoints"].as_array().unwrap().iter();
    let loglevel = endpoints.find(|endpoint| endpoint["path"] == "/loglevel");
    loglevel.unwrap()["status"]["hidden"].clone()
}

#[tokio::test]
async fn set_says_what_the_own_filter_hides() {
    let levels = LogLevels::from_spec("warn").unwrap();
    let own_filter = EnvFilter::new("info,app::verbose=trace,app::quiet=error");
    tracing_subscriber::registry()
        .with(levels.filter())
        .with(CountingLayer)
        .with(own_filter)
        .init();
    assert_eq!(levels.install(), Ok(LogFacade::Bridged));
    let server = AdminServer::builder().build().unwrap();
    let client = server.test_client();
    assert_eq!(hidden_status(&client).await, Value::Null);

    assert_eq!(
        get(&client, "/loglevel?logger_name=app.cache&level=DEBUG").await,
        "Set app.cache level to DEBUG (including all handlers)\n\
         Note: another filter of the subscriber hides app.cache below INFO"
    );
    assert_eq!(received_debug_events!("app::cache"), 0);
    assert_eq!(
        hidden_status(&client).await,
        "another filter of the subscriber hides app.cache below INFO"
    );

    // The filter has a level for this target, which is only found by its spelling with `::`.
    assert_eq!(
        get(&client, "/loglevel?logger_name=app.verbose&level=DEBUG").await,
        "Set app.verbose level to DEBUG (including all handlers)"
    );
    assert_eq!(received_debug_events!("app::verbose"), 2);

    let path = "/loglevel?logger_name=app::quiet&level=TRACE&format=json";
    let reply: Value = client.request(HttpMethod::PUT, path).await.json();
    assert_eq!(reply["hidden"], true);
    let path = "/loglevel?logger_name=app::verbose&level=TRACE&format=json";
    let reply: Value = client.request(HttpMethod::PUT, path).await.json();
    assert_eq!(reply["hidden"], false);

    let text = get(&client, "/loglevel?logger_name=root&level=DEBUG").await;
    assert!(text.ends_with("hides root below INFO"), "{text}");
    let text = get(&client, "/loglevel?logger_name=root&level=INFO").await;
    assert_eq!(text, "Set root level to INFO (including all handlers)");

    // A level that the filter shows, and a logger that inherits one, are not hidden.
    let text = get(&client, "/loglevel?logger_name=app.cache&level=INFO").await;
    assert_eq!(text, "Set app.cache level to INFO (including all handlers)");
    let reply = client
        .request(HttpMethod::DELETE, "/loglevel?logger_name=app::quiet")
        .await;
    let expected = "Set app::quiet level to NOTSET (including all handlers)\n\
                    Note: another filter of the subscriber hides app::quiet below ERROR";
    assert_eq!(reply.text(), expected);
    let text = get(&client, "/loglevel?logger_name=app::quiet&level=OFF").await;
    assert_eq!(text, "Set app::quiet level to OFF (including all handlers)");
    assert_eq!(hidden_status(&client).await, Value::Null);
}
