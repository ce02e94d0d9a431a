//! A log output that is blocked, as a full pipe is, and what continues meanwhile.

use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Write};
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use admin_endpoints::metrics::{MetricsConfig, Recorder};
use admin_runtime::{AdminError, AdminServer, RunningServer, admin_endpoint, log_queue};
use admin_tests::{Case, ask, cases, full_pipe};
use tracing_subscriber::fmt::MakeWriter;

pub(crate) fn cases() -> Vec<Case> {
    cases![a_blocked_log_output_stops_nothing]
}

/// More than the log queue holds.
const MORE_THAN_QUEUED: usize = 1100;

/// Longer than anything takes on a machine that does other things too.
const EVENT_TIMEOUT: Duration = Duration::from_secs(60);

/// What a stop may take.
const MAX_STOP_TIME: Duration = Duration::from_secs(10);

#[admin_endpoint(method = "POST", path = "/change")]
async fn change() {}

#[admin_endpoint(path = "/failing")]
async fn failing() -> Result<(), AdminError> {
    Err(AdminError::internal("expected"))
}

/// A writer with a lock, as stderr is.
struct Locked(Mutex<PipeWriter>);

struct Guard<'a>(MutexGuard<'a, PipeWriter>);

impl<'a> MakeWriter<'a> for Locked {
    type Writer = Guard<'a>;

    fn make_writer(&'a self) -> Guard<'a> {
        Guard(self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Guard<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn blocked_log() -> PipeReader {
    let (reader, writer) = full_pipe();
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(Locked(Mutex::new(writer)))
        .init();
    reader
}

/// Reads the pipe from now on; the lines of the log, in order.
fn lines(output: PipeReader) -> Receiver<String> {
    let (line, lines) = channel();
    thread::Builder::new()
        .spawn(move || {
            let read = BufReader::new(output).lines().map_while(Result::ok);
            // The pipe was filled with empty lines.
            for text in read.filter(|text| !text.is_empty()) {
                // Read on: a writer without a reader would fail.
                let _ = line.send(text);
            }
        })
        .expect("a thread");
    lines
}

fn started() -> (RunningServer, SocketAddr) {
    let recorder = Recorder::builder().build().expect("the defaults are valid");
    metrics::set_global_recorder(recorder.clone()).expect("the only recorder");
    let server = AdminServer::builder()
        .config(MetricsConfig::new(recorder))
        .bind("127.0.0.1:0")
        .start()
        .expect("loopback has a free port");
    let address = server.local_addr();
    (server, address)
}

/// The value of the counter of dropped events.
fn dropped(address: SocketAddr) -> u64 {
    let metrics = ask(address, "GET", "/metrics", &[]).body;
    let value = metrics
        .lines()
        .find_map(|line| line.strip_prefix("admin_log_events_dropped_total "))
        .unwrap_or_else(|| panic!("no counter in {metrics}"));
    value.parse().expect("a number")
}

fn a_blocked_log_output_stops_nothing() {
    let output = blocked_log();
    let (server, address) = started();
    for _ in 0..10 {
        assert_eq!(ask(address, "POST", "/change", &[]).status, 204);
        let refused = ask(address, "POST", "/change", &["Origin: http://evil.example"]);
        assert_eq!(refused.status, 403);
        assert_eq!(ask(address, "GET", "/failing", &[]).status, 500);
    }
    let mut runs = 0;
    let periodic = server
        .periodic_threads()
        .builder("logging")
        .interval(Duration::from_millis(1))
        .run(move || {
            runs += 1;
            if runs % 2 == 0 {
                Ok(())
            } else {
                Err("every second run fails")
            }
        })
        .expect("a free name");
    assert!(periodic.wait_until(EVENT_TIMEOUT, |status| status.total_runs > 20));
    for path in [
        "/",
        "/env",
        "/threads",
        "/periodic-threads",
        "/openapi.json",
    ] {
        assert_eq!(ask(address, "GET", path, &[]).status, 200, "{path}");
    }

    for _ in 0..MORE_THAN_QUEUED {
        log_queue::emit(|| tracing::info!("one of many"));
    }
    assert_eq!(ask(address, "GET", "/env", &[]).status, 200);
    assert!(
        dropped(address) > 0,
        "drops are counted while the output is blocked"
    );

    let began = Instant::now();
    server.stop();
    assert!(began.elapsed() < MAX_STOP_TIME, "{:?}", began.elapsed());

    let lines = lines(output);
    assert!(log_queue::flush(EVENT_TIMEOUT), "the output is read now");
    log_queue::emit(|| tracing::info!("the last line"));
    let mut log = Vec::new();
    while !log
        .iter()
        .any(|line: &String| line.contains("the last line"))
    {
        log.push(
            lines
                .recv_timeout(EVENT_TIMEOUT)
                .expect("the last line comes"),
        );
    }
    let count = |text: &str| log.iter().filter(|line| line.contains(text)).count();
    assert_eq!(
        count("admin_runtime::audit"),
        20,
        "audit lines come late, not never"
    );
    assert_eq!(count("request failed"), 10);
    assert_eq!(count("log events were dropped"), 1);
}
