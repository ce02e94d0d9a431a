//! What the log says when a server starts or is mounted, in a process without other endpoints.

use std::sync::Arc;
use std::time::Duration;

use admin_runtime::{AdminServer, State, admin_endpoint, health_check, log_queue, periodic};
use admin_tests::{CapturedLog, Case, cases};

pub(crate) fn cases() -> Vec<Case> {
    cases![each_mistake_is_one_warning]
}

/// Longer than the log takes on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(60);

struct Taken;

struct NotTaken;

#[derive(Default)]
struct Settings;

#[admin_endpoint(path = "/taken")]
async fn taken(_taken: State<Arc<Taken>>) {}

#[periodic(interval = "1h")]
fn sweeper() {}

#[health_check(interval = "1h")]
fn room() {}

/// The lines since the last call.
fn lines(log: &CapturedLog) -> String {
    assert!(log_queue::flush(PATIENCE));
    log.take()
}

fn each_mistake_is_one_warning() {
    let log = CapturedLog::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let builder = || {
        let builder = AdminServer::builder().exclude("/hygiene/*");
        builder.state(Arc::new(Taken))
    };

    let _ = builder().build().unwrap();
    assert_eq!(lines(&log), "", "nothing is wrong");

    let _ = builder().state(Arc::new(NotTaken)).build().unwrap();
    let line = lines(&log);
    assert!(
        line.contains(" WARN ") && line.contains("`State<T>` with exactly this type"),
        "{line}"
    );
    assert!(
        line.contains("NotTaken> given with state(..)") && line.lines().count() == 1,
        "{line}"
    );

    let endpoint = builder().periodic(false).config(Settings).build();
    drop(endpoint.unwrap());
    // A periodic thread of the crate may be what takes the settings.
    assert_eq!(lines(&log), "");

    drop(builder().filter().unwrap());
    let line = lines(&log);
    assert!(
        line.contains("does not start its periodic threads"),
        "{line}"
    );
    assert!(line.contains("threads=\"sweeper\""), "{line}");
    assert!(line.contains("does not start its health checks"), "{line}");
    assert!(
        line.contains("checks=\"room\"") && line.lines().count() == 2,
        "{line}"
    );

    let server = builder().build().unwrap();
    let threads = server.periodic_threads().start().unwrap();
    drop((server.service(), threads));
    assert!(!lines(&log).contains("does not start"), "they are started");
}
