//! A check that hangs does not delay probes, and nothing accumulates behind it.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use admin_runtime::health::CheckKind;
use admin_runtime::{Limits, admin_endpoint};
use admin_tests::{connect, poll_until};

use crate::checks::Switches;
use crate::{EVENT_TIMEOUT, builder, get, started, wait_for_failure};

#[test]
fn many_probes_start_no_further_run() {
    let switches = Switches::default();
    let server = started(&switches);
    switches.set_disk_hangs(true);
    wait_for_failure(&server, CheckKind::Live, "disk", "timed out after 200ms");
    let runs = switches.disk_runs();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let client = server.test_client();
    runtime.block_on(async {
        for _ in 0..10_000 {
            let reply = client.get("/livez").await;
            assert_eq!(reply.status(), 503);
        }
    });
    assert_eq!(switches.disk_runs(), runs);
    switches.set_disk_hangs(false);
    assert!(
        server
            .health_checks()
            .wait_until_healthy(CheckKind::Live, EVENT_TIMEOUT)
    );
}

static ENTERED: AtomicUsize = AtomicUsize::new(0);
static IS_OPEN: Mutex<bool> = Mutex::new(false);
static OPENED: Condvar = Condvar::new();

/// Blocks a thread of the user runtime.
#[admin_endpoint(path = "/wedged")]
async fn wedged() {
    ENTERED.fetch_add(1, Ordering::SeqCst);
    let is_open = IS_OPEN.lock().unwrap();
    drop(OPENED.wait_timeout_while(is_open, EVENT_TIMEOUT, |open| !*open));
}

#[test]
fn wedged_application_is_probed() {
    let limits = Limits::default().with_graceful_shutdown_timeout(Duration::from_millis(50));
    let server = builder(&Switches::default())
        .limits(limits)
        .start()
        .unwrap();
    let handlers: Vec<_> = (0..4)
        .map(|_| {
            let mut stream = connect(server.local_addr());
            let request = b"GET /wedged HTTP/1.1\r\nHost: localhost\r\n\r\n";
            stream.write_all(request).unwrap();
            stream
        })
        .collect();
    poll_until("four blocked handlers", || {
        (ENTERED.load(Ordering::SeqCst) >= 4).then_some(())
    });
    for _ in 0..100 {
        assert_eq!(get(&server, "/livez", &[]).status, 200);
        assert!([200, 503].contains(&get(&server, "/readyz", &[]).status));
    }
    *IS_OPEN.lock().unwrap() = true;
    OPENED.notify_all();
    drop(handlers);
}
