//! Three dumpers beside threads that come and go, panics, dlopen, forks and allocation.
//!
//! `THREADS_STRESS_SECONDS` sets the length, 5 if unset. The counts are printed at the end.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use admin_runtime::AdminServer;
use admin_tests::churn::{self, Footprint};
use admin_tests::{Case, ask, cases};

/// A dump takes five seconds at most, and each waits for one at most.
const EVENT_TIMEOUT: Duration = Duration::from_secs(15);

struct Counts {
    dumps: AtomicU64,
    stacks: AtomicU64,
    without: AtomicU64,
    longest: AtomicU64,
}

static COUNTS: Counts = Counts {
    dumps: AtomicU64::new(0),
    stacks: AtomicU64::new(0),
    without: AtomicU64::new(0),
    longest: AtomicU64::new(0),
};

pub(crate) fn cases() -> Vec<Case> {
    let timeout = churn::case_timeout(length());
    let cases = cases![dumps_beside_churn].into_iter();
    cases
        .map(|case| case.with_timeout(timeout).alone())
        .collect()
}

fn length() -> Duration {
    churn::length("THREADS_STRESS_SECONDS")
}

fn dumps_beside_churn() {
    churn::abort_on_other_panics();
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    let address = server.local_addr();
    dump(address);
    let before = Footprint::now();

    let dumper = || dump(address);
    churn::run(
        length(),
        &[&dumper, &dumper, &dumper],
        &COUNTS.dumps,
        EVENT_TIMEOUT,
    );

    dump(address);
    let after = churn::finish(
        &before,
        &[
            ("dumps", &COUNTS.dumps),
            ("stacks", &COUNTS.stacks),
            ("longest_dump_ms", &COUNTS.longest),
        ],
    );
    println!("without_stack: {}", COUNTS.without.load(Ordering::Relaxed));
    assert!(after.threads <= before.threads, "threads leaked");
}

fn dump(address: SocketAddr) {
    let start = Instant::now();
    let reply = ask(address, "GET", "/threads", &[]);
    let took = start.elapsed().as_millis() as u64;
    COUNTS.longest.fetch_max(took, Ordering::Relaxed);
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(
        reply.body.contains("=== Thread Summary ==="),
        "{}",
        reply.body
    );
    churn::count(&COUNTS.dumps);
    let add = |counter: &AtomicU64, text| {
        counter.fetch_add(reply.body.matches(text).count() as u64, Ordering::Relaxed);
    };
    add(&COUNTS.stacks, "\nStack trace:\n");
    add(&COUNTS.without, "\nNo stack trace available: ");
}
