//! A subscriber with a filter of its own for all layers, and without a history.

use std::io::sink;

use admin_endpoints::loglevel::LogLevels;
use admin_runtime::AdminServer;
use admin_tests::{Case, ask, cases};
use tracing::{debug, info};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::prelude::*;
use tracing_subscriber::{EnvFilter, registry};

pub(crate) fn cases() -> Vec<Case> {
    cases![the_stream_says_what_others_hide]
}

fn the_stream_says_what_others_hide() {
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    let at = server.local_addr();
    let reply = ask(at, "GET", "/logs", &[]);
    assert_eq!(reply.status, 501);
    assert!(reply.body.contains("levels.install()?"), "{}", reply.body);

    let levels = LogLevels::from_spec("info").unwrap();
    registry()
        .with(levels.filter())
        .with(EnvFilter::new("info,hidden::quiet=error"))
        .with(layer().with_writer(sink))
        .init();
    levels.install().unwrap();
    let reply = ask(at, "GET", "/logs?tail=5", &[]);
    assert_eq!(reply.status, 501);
    assert!(
        reply.body.contains("levels.keep_history()"),
        "{}",
        reply.body
    );

    let mut notes = Vec::new();
    for filter in [
        "info",
        "off,hidden=debug",
        "off,hidden::quiet=info",
        "trace",
    ] {
        let reply = ask(at, "GET", &format!("/logs?filter={filter}&seconds=1"), &[]);
        debug!(target: "hidden", "hidden");
        info!(target: "hidden", "shown");
        notes.push(reply.body);
    }
    assert_eq!(notes[0].matches("note").count(), 0, "{notes:?}");
    for (note, text) in notes[1..].iter().zip([
        "hides hidden below INFO",
        "hides hidden::quiet below ERROR",
        "hides root below INFO",
    ]) {
        let first = note.lines().find(|line| line.starts_with('{')).unwrap();
        assert!(first.starts_with("{\"note\":\"another filter"), "{first}");
        assert!(first.contains(text), "{first}");
    }
}
