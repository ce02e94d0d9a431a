//! One log line at each edge, none for a run that is like the one before.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use admin_runtime::{Level, PeriodicError, PeriodicState};

use crate::threads::Switch;
use crate::{PATIENCE, started};

/// What the subscriber of this test wrote.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .expect("nobody panics")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The lines about one thread, without their heads.
fn lines(log: &Log, thread: &str) -> Vec<String> {
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let about = format!("thread={thread} ");
    let lines = text.lines().filter(|line| line.contains(&about));
    lines
        .filter_map(|line| {
            Some(
                line.split_once(": ")?
                    .1
                    .split(" thread=")
                    .next()?
                    .to_owned(),
            )
        })
        .collect()
}

#[test]
fn edges_are_logged_and_runs_are_not() {
    let log = Log::default();
    let writer = log.clone();
    // The bodies run on threads of their own, so it must be the subscriber of the process.
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let server = started("logged", &Switch::default());
    let mut run = 0;
    let thread = server
        .periodic_threads()
        .builder("chatty")
        .level(Level::High)
        .interval(Duration::from_millis(1))
        .timeout(Duration::from_secs(60))
        .run(move || {
            run += 1;
            match run {
                ..=20 | 31..=50 => Ok(()),
                21..=30 => Err(PeriodicError::new("no answer")),
                _ => Err(PeriodicError::irrecoverable("gone")),
            }
        })
        .unwrap();
    assert!(thread.wait_until(PATIENCE, |status| status.state == PeriodicState::Dead));
    let dead = |line: &String| line == "periodic thread died";
    let told = lines(&log, "chatty");
    let edges: Vec<_> = told
        .iter()
        // A busy machine may be late for an interval of 1 ms, which is an edge of its own.
        .filter(|line| !line.contains("longer than its interval") && !line.contains("well again"))
        .map(String::as_str)
        .collect();
    assert!(told.iter().any(dead), "{told:?}");
    let expected = [
        "periodic thread started",
        "periodic thread failed",
        "periodic thread is unhealthy",
        "periodic thread recovered",
        "periodic thread failed",
        "periodic thread died",
    ];
    assert_eq!(edges, expected, "{told:?}");
}
