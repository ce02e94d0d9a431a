//! What a program does to disturb those who read its stacks: threads that come and go, panics, dlopen,
//! forks and allocation.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the time is part of the test, and the counts are printed"
)]

use std::ffi::CStr;
use std::hint::black_box;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::Builder;
use std::time::{Duration, Instant};

/// How long a run takes, if the environment does not say it.
const DEFAULT_LENGTH: Duration = Duration::from_secs(5);

/// What a case may take besides: a busy machine is slow at the end.
const MARGIN: Duration = Duration::from_secs(300);

static STOP: AtomicBool = AtomicBool::new(false);

/// How often each was done.
struct ChurnCounts {
    threads: AtomicU64,
    panics: AtomicU64,
    loads: AtomicU64,
    forks: AtomicU64,
    allocations: AtomicU64,
}

static CHURN: ChurnCounts = ChurnCounts {
    threads: AtomicU64::new(0),
    panics: AtomicU64::new(0),
    loads: AtomicU64::new(0),
    forks: AtomicU64::new(0),
    allocations: AtomicU64::new(0),
};

/// Each runs in a thread of its own, again and again.
const BODIES: [fn(); 6] = [births, births, panics, loads, forks, allocates];

/// The length of a run: the seconds in a variable of the environment, or 5.
///
/// # Panics
///
/// If the variable is not a number.
#[must_use]
pub fn length(variable: &str) -> Duration {
    std::env::var(variable).map_or(DEFAULT_LENGTH, |text| {
        Duration::from_secs(text.parse().expect("a number of seconds"))
    })
}

/// How long a case may take that contains a run.
#[must_use]
pub fn case_timeout(length: Duration) -> Duration {
    length + MARGIN
}

/// Adds one.
pub fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn repeat(body: impl Fn()) {
    while !STOP.load(Ordering::Relaxed) {
        body();
    }
}

/// Ends the process at a panic; only the panics that are made on purpose are silent.
pub fn abort_on_other_panics() {
    std::panic::set_hook(Box::new(|info| {
        if info.payload_as_str() != Some(ON_PURPOSE) {
            println!("{info}");
            std::process::abort();
        }
    }));
}

/// Calls each of `workers` again and again, in a thread of its own, beside the disturbance.
///
/// # Panics
///
/// If `progress` has not changed within `hangs_after`.
pub fn run(
    length: Duration,
    workers: &[&(dyn Fn() + Sync)],
    progress: &AtomicU64,
    hangs_after: Duration,
) {
    let end = Instant::now() + length;
    std::thread::scope(|scope| {
        for body in BODIES {
            Builder::new()
                .spawn_scoped(scope, move || repeat(body))
                .unwrap();
        }
        for worker in workers {
            Builder::new()
                .spawn_scoped(scope, move || repeat(worker))
                .unwrap();
        }
        let mut seen = 0;
        while Instant::now() < end {
            std::thread::sleep(hangs_after.min(end.saturating_duration_since(Instant::now())));
            let now = progress.load(Ordering::Relaxed);
            assert!(
                now > seen || Instant::now() >= end,
                "no progress in {hangs_after:?}: it hangs"
            );
            seen = now;
        }
        STOP.store(true, Ordering::Relaxed);
    });
}

/// Waits for the end of the last connections and prints all counts; what the process has then.
///
/// # Panics
///
/// If a count is zero, or if the process has more descriptors or much more memory than before.
pub fn finish(before: &Footprint, counts: &[(&str, &AtomicU64)]) -> Footprint {
    let after = settled(before);
    println!("{before:?} before, {after:?} after");
    let churn = [
        ("threads", &CHURN.threads),
        ("panics", &CHURN.panics),
        ("dlopens", &CHURN.loads),
        ("forks", &CHURN.forks),
        ("allocations", &CHURN.allocations),
    ];
    for (name, counter) in churn.iter().chain(counts) {
        let count = counter.load(Ordering::Relaxed);
        println!("{name}: {count}");
        assert!(count > 0, "no {name}");
    }
    assert!(
        after.descriptors <= before.descriptors,
        "descriptors leaked"
    );
    assert!(
        after.mapped_kib < before.mapped_kib + 128 * 1024,
        "memory leaked"
    );
    after
}

fn births() {
    let threads: Vec<_> = (0..8)
        .filter_map(|number| Builder::new().spawn(move || black_box(work(number))).ok())
        .collect();
    for thread in threads {
        thread.join().unwrap();
        count(&CHURN.threads);
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
    count(&CHURN.panics);
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
                count(&CHURN.loads);
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
    count(&CHURN.forks);
    std::thread::sleep(Duration::from_millis(5));
}

fn allocates() {
    for size in [16, 1000, 70_000, 1 << 20] {
        black_box(vec![1_u8; size]);
        count(&CHURN.allocations);
    }
}

/// What the process has of the system.
#[derive(Debug)]
pub struct Footprint {
    /// Threads.
    pub threads: usize,
    /// Open descriptors.
    pub descriptors: usize,
    /// Resident memory.
    pub mapped_kib: u64,
}

impl Footprint {
    /// As the system says it at this moment.
    ///
    /// # Panics
    ///
    /// If `/proc` is missing.
    #[must_use]
    pub fn now() -> Self {
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
