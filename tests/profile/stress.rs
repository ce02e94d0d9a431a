//! Three profiles and a dumper beside threads that come and go, panics, dlopen, forks and allocation.
//!
//! `PROFILE_STRESS_SECONDS` sets the length, 5 if unset. The counts are printed at the end.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use admin_runtime::AdminServer;
use admin_tests::churn::{self, Footprint};
use admin_tests::{Case, ask, cases, poll_until};

/// A profile of a second that takes so long hangs.
const HANGS_AFTER: Duration = Duration::from_secs(60);

static PROFILES: AtomicU64 = AtomicU64::new(0);
static SAMPLES: AtomicU64 = AtomicU64::new(0);

const CPU: &str = "/debug/pprof/profile?seconds=1&frequency=999&format=collapsed";
const WALL: &str = "/debug/fgprof?seconds=1&frequency=999&format=collapsed";
const PPROF: &str = "/debug/pprof/profile?seconds=1&frequency=999";

pub(crate) fn cases() -> Vec<Case> {
    let timeout = churn::case_timeout(length());
    let cases = cases![profiles_beside_churn].into_iter();
    cases
        .map(|case| case.with_timeout(timeout).alone())
        .collect()
}

fn length() -> Duration {
    churn::length("PROFILE_STRESS_SECONDS")
}

fn profiles_beside_churn() {
    churn::abort_on_other_panics();
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    let address = server.local_addr();
    profile(address, CPU);
    // The thread that takes dumps keeps descriptors.
    dump(address);
    let before = Footprint::now();

    let profilers = [CPU, WALL, PPROF].map(|target| move || profile(address, target));
    let [cpu, wall, pprof] = &profilers;
    let dumper = || dump(address);
    churn::run(
        length(),
        &[cpu, wall, pprof, &dumper],
        &PROFILES,
        HANGS_AFTER,
    );

    profile(address, CPU);
    poll_until("the end of all timers", || {
        let timers = std::fs::read_to_string("/proc/self/timers").unwrap();
        timers.is_empty().then_some(())
    });
    poll_until("the end of all threads", || {
        (Footprint::now().threads <= before.threads).then_some(())
    });
    let counts = [("profiles", &PROFILES), ("samples", &SAMPLES)];
    churn::finish(&before, &counts);
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
    churn::count(&PROFILES);
}

fn dump(address: SocketAddr) {
    assert_eq!(ask(address, "GET", "/threads", &[]).status, 200);
}
