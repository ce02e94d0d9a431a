//! What a program does to disturb those who read its stacks: threads that come and go, panics, dlopen,
//! forks and allocation.

use std::ffi::CStr;
use std::hint::black_box;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::Builder;
use std::time::{Duration, Instant};

pub(crate) static STOP: AtomicBool = AtomicBool::new(false);

/// How often each was done.
pub(crate) struct ChurnCounts {
    pub(crate) threads: AtomicU64,
    pub(crate) panics: AtomicU64,
    pub(crate) loads: AtomicU64,
    pub(crate) forks: AtomicU64,
    pub(crate) allocations: AtomicU64,
}

pub(crate) static CHURN: ChurnCounts = ChurnCounts {
    threads: AtomicU64::new(0),
    panics: AtomicU64::new(0),
    loads: AtomicU64::new(0),
    forks: AtomicU64::new(0),
    allocations: AtomicU64::new(0),
};

/// Each runs in a thread of its own, again and again.
pub(crate) const BODIES: [fn(); 6] = [births, births, panics, loads, forks, allocates];

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

pub(crate) fn repeat(body: impl Fn()) {
    while !STOP.load(Ordering::Relaxed) {
        body();
    }
}

/// Only the panics that are made on purpose are silent.
pub(crate) fn abort_on_other_panics() {
    std::panic::set_hook(Box::new(|info| {
        if info.payload_as_str() != Some(ON_PURPOSE) {
            println!("{info}");
            std::process::abort();
        }
    }));
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
pub(crate) struct Footprint {
    pub(crate) threads: usize,
    pub(crate) descriptors: usize,
    pub(crate) mapped_kib: u64,
}

impl Footprint {
    pub(crate) fn now() -> Self {
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
pub(crate) fn settled(before: &Footprint) -> Footprint {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let now = Footprint::now();
        if now.descriptors <= before.descriptors || Instant::now() > end {
            return now;
        }
        std::thread::yield_now();
    }
}
