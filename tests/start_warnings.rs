//! What the log says when a server starts or is mounted, in a process without other endpoints.

#![allow(missing_docs, clippy::unwrap_used)]

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use admin_runtime::{AdminServer, State, admin_endpoint, health_check, log_queue, periodic};

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

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// The lines since the last call.
    fn take(&self) -> String {
        assert!(log_queue::flush(PATIENCE));
        String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap()
    }
}

// One test: the log is that of the process.
#[test]
fn each_mistake_is_one_warning() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let builder = || AdminServer::builder().state(Arc::new(Taken));

    let _ = builder().build().unwrap();
    assert_eq!(log.take(), "", "nothing is wrong");

    let _ = builder().state(Arc::new(NotTaken)).build().unwrap();
    let line = log.take();
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
    assert_eq!(log.take(), "");

    drop(builder().filter().unwrap());
    let line = log.take();
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
    assert!(!log.take().contains("does not start"), "they are started");
}
