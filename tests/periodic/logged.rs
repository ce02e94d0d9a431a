//! One log line for each change, none for a run like the one before.

use std::io::Write;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use admin_runtime::PeriodicError;
use admin_runtime::periodic::{Criticality, ThreadState};

use crate::threads::Switch;
use crate::{EVENT_TIMEOUT, started};

/// The output of this test's subscriber.
#[derive(Clone, Default)]
struct Log(Arc<(Mutex<Vec<u8>>, Condvar)>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.0.lock().unwrap().clone()).unwrap()
    }

    /// Blocks until the output contains a text; whether it did in time.
    fn wait_for(&self, text: &str) -> bool {
        let (output, written) = &*self.0;
        let missing = |output: &mut Vec<u8>| !String::from_utf8_lossy(output).contains(text);
        let waited = written.wait_timeout_while(output.lock().unwrap(), EVENT_TIMEOUT, missing);
        !waited.unwrap().1.timed_out()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let (output, written) = &*self.0;
        output
            .lock()
            .expect("not poisoned")
            .extend_from_slice(bytes);
        written.notify_all();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The lines about one thread, without their heads.
fn lines(log: &Log, thread: &str) -> Vec<String> {
    let text = log.text();
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
fn changes_are_logged_and_runs_are_not() {
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
        .level(Criticality::High)
        .interval(Duration::from_secs(3600)) // never overdue, however busy the machine is
        .run(move || {
            run += 1;
            match run {
                ..=20 | 31..=50 => Ok(()),
                21..=30 => Err(PeriodicError::new("no answer")),
                _ => Err(PeriodicError::fatal("gone")),
            }
        })
        .unwrap();
    for runs in 1..=50 {
        assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.total_runs == runs));
        thread.run_now().unwrap();
    }
    assert!(log.wait_for("periodic thread died"), "{}", log.text());
    assert_eq!(thread.state(), ThreadState::Dead);
    let changes = lines(&log, "chatty");
    let expected = [
        "periodic thread started",
        "periodic thread failed",
        "periodic thread is unhealthy",
        "periodic thread recovered",
        "periodic thread failed",
        "periodic thread died",
    ];
    assert_eq!(changes, expected);
}
