//! Threads that come and go, panics, dlopen, forks and allocation, under three dumpers.
//!
//! `THREADS_STRESS_SECONDS` sets the length, 5 if unset. The counts are printed at the end.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods
)]

use std::ffi::CStr;
use std::hint::black_box;
use std::net::SocketAddr;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::Builder;
use std::time::{Duration, Instant};

use admin_runtime::AdminServer;
use admin_tests::ask;

admin_runtime::link!(admin_endpoints);

const EVENT_TIMEOUT: Duration = Duration::from_secs(15);

static STOP: AtomicBool = AtomicBool::new(false);

struct Counts {
    threads: AtomicU64,
    panics: AtomicU64,
    loads: AtomicU64,
    forks: AtomicU64,
    allocations: AtomicU64,
    dumps: AtomicU64,
    stacks: AtomicU64,
    without: AtomicU64,
    longest: AtomicU64,
}

static COUNTS: Counts = Counts {
    threads: AtomicU64::new(0),
    panics: AtomicU64::new(0),
    loads: AtomicU64::new(0),
    forks: AtomicU64::new(0),
    allocations: AtomicU64::new(0),
    dumps: AtomicU64::new(0),
    stacks: AtomicU64::new(0),
    without: AtomicU64::new(0),
    longest: AtomicU64::new(0),
};

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn main() {
    let seconds = std::env::var("THREADS_STRESS_SECONDS").ok();
    let seconds: u64 = seconds.map_or(5, |text| text.parse().expect("a number of seconds"));
    std::panic::set_hook(Box::new(|info| {
        // Only the panics that are made on purpose are silent.
        if info.payload_as_str() != Some(ON_PURPOSE) {
            println!("{info}");
            std::process::abort();
        }
    }));
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    let address = server.local_addr();
    dump(address);
    let before = Footprint::now();

    let bodies: [fn(); 6] = [births, births, panics, loads, forks, allocates];
    let end = Instant::now() + Duration::from_secs(seconds);
    std::thread::scope(|scope| {
        for body in bodies {
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
        ("threads", &COUNTS.threads),
        ("panics", &COUNTS.panics),
        ("dlopens", &COUNTS.loads),
        ("forks", &COUNTS.forks),
        ("allocations", &COUNTS.allocations),
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

/// What is left once the server has closed the last connections.
fn settled(before: &Footprint) -> Footprint {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let now = Footprint::now();
        if now.descriptors <= before.descriptors || Instant::now() > end {
            return now;
        }
        std::thread::yield_now();
    }
}

fn repeat(body: impl Fn()) {
    while !STOP.load(Ordering::Relaxed) {
        body();
    }
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

fn births() {
    let threads: Vec<_> = (0..8)
        .filter_map(|number| Builder::new().spawn(move || black_box(work(number))).ok())
        .collect();
    for thread in threads {
        thread.join().unwrap();
        count(&COUNTS.threads);
    }
}

#[inline(never)]
fn work(depth: u64) -> u64 {
    if depth == 0 {
        std::thread::yield_now();
        return 1;
    }
    black_box(work(depth - 1)) + depth
}

const ON_PURPOSE: &str = "on purpose";

fn panics() {
    #[inline(never)]
    fn inner(depth: u32) -> u32 {
        match depth {
            0 => panic!("{ON_PURPOSE}"),
            _ => black_box(inner(depth - 1)) + 1,
        }
    }
    assert!(catch_unwind(|| inner(20)).is_err());
    count(&COUNTS.panics);
}

fn loads() {
    const LIBRARIES: [&CStr; 4] = [
        c"libresolv.so.2",
        c"libnss_files.so.2",
        c"libutil.so.1",
        c"libdl.so.2",
    ];
    for library in LIBRARIES {
        // SAFETY: these libraries of the C library's own have no constructors that matter; nothing
        // of them is used, and the handle is closed once.
        unsafe {
            let handle = libc::dlopen(library.as_ptr(), libc::RTLD_NOW);
            if !handle.is_null() {
                libc::dlclose(handle);
                count(&COUNTS.loads);
            }
        }
    }
}

fn forks() {
    // SAFETY: the child leaves at once, by a call that is async-signal-safe.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: ends the child without running anything of the parent's.
        unsafe { libc::_exit(0) };
    }
    assert!(child > 0, "fork failed");
    let mut status = 0;
    loop {
        // SAFETY: waits for the child made above.
        let waited = unsafe { libc::waitpid(child, &mut status, 0) };
        if waited == child {
            break;
        }
        assert_eq!(
            std::io::Error::last_os_error().raw_os_error(),
            Some(libc::EINTR)
        );
    }
    assert_eq!(status, 0, "a child crashed");
    count(&COUNTS.forks);
    std::thread::sleep(Duration::from_millis(5));
}

fn allocates() {
    for size in [16, 1000, 70_000, 1 << 20] {
        black_box(vec![1_u8; size]);
        count(&COUNTS.allocations);
    }
}

#[derive(Debug)]
struct Footprint {
    threads: usize,
    descriptors: usize,
    mapped_kib: u64,
}

impl Footprint {
    fn now() -> Self {
        let entries = |path| std::fs::read_dir(path).unwrap().count();
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let resident = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        Self {
            threads: entries("/proc/self/task"),
            descriptors: entries("/proc/self/fd"),
            mapped_kib: resident.trim().trim_end_matches(" kB").parse().unwrap(),
        }
    }
}
