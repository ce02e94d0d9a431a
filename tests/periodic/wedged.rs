//! Bodies and handlers that never return do not delay the common routes.

use std::io::Write;
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use admin_runtime::admin_endpoint;
use admin_runtime::periodic::Criticality;
use admin_tests::connect;

use crate::threads::Switch;
use crate::{EVENT_TIMEOUT, ask, builder};

/// Opened when the test ends.
struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
}

static GATE: Gate = Gate {
    open: Mutex::new(false),
    opened: Condvar::new(),
};

impl Gate {
    fn wait(&self) {
        let open = self.open.lock().expect("nobody panics");
        drop(
            self.opened
                .wait_timeout_while(open, EVENT_TIMEOUT, |open| !*open),
        );
    }

    fn open(&self) {
        *self.open.lock().expect("nobody panics") = true;
        self.opened.notify_all();
    }
}

/// Blocks a thread of the user runtime.
#[admin_endpoint(path = "/wedged")]
async fn wedged() {
    GATE.wait();
}

#[test]
fn a_blocked_user_runtime_does_not_block_routes() {
    let limits =
        admin_runtime::Limits::default().with_graceful_shutdown_timeout(Duration::from_millis(50));
    let server = builder("wedged", &Switch::default())
        .limits(limits)
        .start()
        .unwrap();
    // The first dump of a process reads its symbols, which takes a debug build longer than a second.
    assert_eq!(ask(server.local_addr(), "GET", "/threads", &[]).status, 200);
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let thread = server
                .periodic_threads()
                .builder(format!("wedged {number}"));
            let thread = thread
                .level(Criticality::Critical)
                .interval(Duration::from_millis(50));
            let thread = thread
                .timeout(Duration::from_millis(50))
                .run_async(|| async { GATE.wait() });
            thread.unwrap()
        })
        .collect();
    // Those that got a worker are stuck, those that got none are overdue.
    for thread in &threads {
        assert!(
            thread.wait_until(EVENT_TIMEOUT, |status| !status.is_active),
            "{thread:?}"
        );
    }
    let handlers: Vec<_> = (0..4)
        .map(|_| {
            let mut stream = connect(server.local_addr());
            let request = b"GET /wedged HTTP/1.1\r\nHost: localhost\r\n\r\n";
            stream.write_all(request).expect("it is sent");
            stream
        })
        .collect();
    let began = Instant::now();
    let health = ask(
        server.local_addr(),
        "GET",
        "/periodic-threads-health?probe=1",
        &[],
    );
    let list = ask(server.local_addr(), "GET", "/periodic-threads", &[]);
    let stacks = ask(server.local_addr(), "GET", "/threads", &[]);
    // The gate is closed: long before it opens by itself, all three have replied.
    assert!(began.elapsed() < EVENT_TIMEOUT / 2, "{:?}", began.elapsed());
    let statuses = (health.status, list.status, stacks.status);
    assert_eq!(statuses, (503, 200, 200));
    assert!(stacks.body.contains("Gate::wait"), "{}", stacks.body);
    GATE.open();
    drop(handlers);
    for thread in &threads {
        assert!(
            thread.wait_until(EVENT_TIMEOUT, |status| status.is_active),
            "{thread:?}"
        );
    }
}
