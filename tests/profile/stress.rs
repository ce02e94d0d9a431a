//! Threads that come and go, panics, dlopen, forks and allocation, under three profiles and a dumper.
//!
//! `PROFILE_STRESS_SECONDS` sets the length, 5 if unset. The counts are printed at the end.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods
)]

#[path = "../threads/churn.rs"]
mod churn;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Builder;
use std::time::{Duration, Instant};

use admin_runtime::AdminServer;
use admin_tests::{ask, poll_until};

use self::churn::{BODIES, CHURN, Footprint, STOP, abort_on_other_panics, count, repeat, settled};

admin_runtime::link!(admin_endpoints);

/// A profile of a second that takes so long hangs.
const HANGS_AFTER: Duration = Duration::from_secs(60);

static PROFILES: AtomicU64 = AtomicU64::new(0);
static SAMPLES: AtomicU64 = AtomicU64::new(0);

const CPU: &str = "/debug/pprof/profile?seconds=1&frequency=999&format=collapsed";
const WALL: &str = "/debug/fgprof?seconds=1&frequency=999&format=collapsed";
const PPROF: &str = "/debug/pprof/profile?seconds=1&frequency=999";

fn main() {
    let seconds = std::env::var("PROFILE_STRESS_SECONDS").ok();
    let seconds: u64 = seconds.map_or(5, |text| text.parse().expect("a number of seconds"));
    abort_on_other_panics();
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    let address = server.local_addr();
    profile(address, CPU);
    // The thread that takes dumps keeps descriptors.
    dump(address);
    let before = Footprint::now();

    let end = Instant::now() + Duration::from_secs(seconds);
    std::thread::scope(|scope| {
        for body in BODIES {
            Builder::new()
                .spawn_scoped(scope, move || repeat(body))
                .unwrap();
        }
        for target in [CPU, WALL, PPROF] {
            Builder::new()
                .spawn_scoped(scope, move || repeat(|| profile(address, target)))
                .unwrap();
        }
        Builder::new()
            .spawn_scoped(scope, || repeat(|| dump(address)))
            .unwrap();
        std::thread::sleep(end.saturating_duration_since(Instant::now()));
        STOP.store(true, Ordering::Relaxed);
    });

    profile(address, CPU);
    poll_until("the end of all timers", || {
        let timers = std::fs::read_to_string("/proc/self/timers").unwrap();
        timers.is_empty().then_some(())
    });
    poll_until("the end of all threads", || {
        (Footprint::now().threads <= before.threads).then_some(())
    });
    let after = settled(&before);
    println!("{seconds} s: {before:?} before, {after:?} after");
    for (name, counter) in [
        ("threads", &CHURN.threads),
        ("panics", &CHURN.panics),
        ("dlopens", &CHURN.loads),
        ("forks", &CHURN.forks),
        ("allocations", &CHURN.allocations),
        ("profiles", &PROFILES),
        ("samples", &SAMPLES),
    ] {
        println!("{name}: {}", counter.load(Ordering::Relaxed));
        assert!(counter.load(Ordering::Relaxed) > 0, "no {name}");
    }
    assert!(
        after.descriptors <= before.descriptors,
        "descriptors leaked"
    );
    assert!(
        after.mapped_kib < before.mapped_kib + 128 * 1024,
        "memory leaked"
    );
}

fn profile(address: SocketAddr, target: &str) {
    let mut reply = ureq::get(format!("http://{address}{target}"))
        .config()
        .timeout_global(Some(HANGS_AFTER))
        .build()
        .call()
        .unwrap();
    let bytes = reply.body_mut().read_to_vec().unwrap();
    if target.ends_with("collapsed") {
        let text = String::from_utf8(bytes).unwrap();
        let counts = text.lines().filter_map(|line| line.rsplit_once(' '));
        let sum: u64 = counts.map(|(_, count)| count.parse::<u64>().unwrap()).sum();
        SAMPLES.fetch_add(sum, Ordering::Relaxed);
    } else {
        assert!(bytes.len() > 20, "{} bytes", bytes.len());
    }
    count(&PROFILES);
}

fn dump(address: SocketAddr) {
    assert_eq!(ask(address, "GET", "/threads", &[]).status, 200);
}
