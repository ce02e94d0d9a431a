//! Threads that come and go, panics, dlopen, forks and allocation, under three dumpers.
//!
//! `THREADS_STRESS_SECONDS` sets the length, 5 if unset. The counts are printed at the end.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods
)]

mod churn;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Builder;
use std::time::{Duration, Instant};

use admin_runtime::AdminServer;
use admin_tests::ask;

use self::churn::{BODIES, CHURN, Footprint, STOP, abort_on_other_panics, count, repeat, settled};

admin_runtime::link!(admin_endpoints);

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

fn main() {
    let seconds = std::env::var("THREADS_STRESS_SECONDS").ok();
    let seconds: u64 = seconds.map_or(5, |text| text.parse().expect("a number of seconds"));
    abort_on_other_panics();
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    let address = server.local_addr();
    dump(address);
    let before = Footprint::now();

    let end = Instant::now() + Duration::from_secs(seconds);
    std::thread::scope(|scope| {
        for body in BODIES {
            Builder::new()
                .spawn_scoped(scope, move || repeat(body))
                .unwrap();
        }
        for _ in 0..3 {
            scope.spawn(|| repeat(|| dump(address)));
        }
        let mut seen = 0;
        while Instant::now() < end {
            // A dump takes five seconds at most, and each waits for one at most.
            std::thread::sleep(EVENT_TIMEOUT.min(end.saturating_duration_since(Instant::now())));
            let dumps = COUNTS.dumps.load(Ordering::Relaxed);
            assert!(
                dumps > seen || Instant::now() >= end,
                "no dump in {EVENT_TIMEOUT:?}: it hangs"
            );
            seen = dumps;
        }
        STOP.store(true, Ordering::Relaxed);
    });

    dump(address);
    let after = settled(&before);
    println!("{seconds} s: {before:?} before, {after:?} after");
    for (name, counter) in [
        ("threads", &CHURN.threads),
        ("panics", &CHURN.panics),
        ("dlopens", &CHURN.loads),
        ("forks", &CHURN.forks),
        ("allocations", &CHURN.allocations),
        ("dumps", &COUNTS.dumps),
        ("stacks", &COUNTS.stacks),
        ("without_stack", &COUNTS.without),
        ("longest_dump_ms", &COUNTS.longest),
    ] {
        println!("{name}: {}", counter.load(Ordering::Relaxed));
        assert!(
            counter.load(Ordering::Relaxed) > 0 || name == "without_stack",
            "no {name}"
        );
    }
    assert!(after.threads <= before.threads, "threads leaked");
    assert!(
        after.descriptors <= before.descriptors,
        "descriptors leaked"
    );
    assert!(
        after.mapped_kib < before.mapped_kib + 128 * 1024,
        "memory leaked"
    );
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
    count(&COUNTS.dumps);
    let add = |counter: &AtomicU64, text| {
        counter.fetch_add(reply.body.matches(text).count() as u64, Ordering::Relaxed);
    };
    add(&COUNTS.stacks, "\nStack trace:\n");
    add(&COUNTS.without, "\nNo stack trace available: ");
}
