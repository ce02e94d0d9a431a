//! One thread of every kind, each in a function whose name identifies it.

use std::cell::Cell;
use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::os::fd::FromRawFd;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Condvar, Mutex};
use std::thread::Builder;
use std::time::Duration;

/// One of the threads.
pub(crate) struct SampleThread {
    /// The thread's name.
    pub(crate) name: &'static str,
    /// Parts of function names, all of which must be in its stack.
    pub(crate) markers: &'static [&'static str],
    /// Whether it runs with all signals blocked, so that a reason may replace its stack.
    pub(crate) unreachable: bool,
    /// Whether it never leaves the system call that it waits in.
    pub(crate) still: bool,
}

const fn still(name: &'static str, markers: &'static [&'static str]) -> SampleThread {
    SampleThread {
        name,
        markers,
        unreachable: false,
        still: true,
    }
}

const fn running(name: &'static str, markers: &'static [&'static str]) -> SampleThread {
    SampleThread {
        name,
        markers,
        unreachable: false,
        still: false,
    }
}

pub(crate) const SAMPLE_THREADS: &[SampleThread] = &[
    still("kind-sleep", &["samples::sleeps"]),
    still("kind-park", &["samples::parks"]),
    still("kind-mutex", &["samples::locks"]),
    still("kind-condvar", &["samples::waits"]),
    still("kind-epoll", &["samples::polls"]),
    still("kind-poll", &["samples::poll_one"]),
    still("kind-pipe", &["samples::reads"]),
    still("kind-futex", &["samples::futex_timed"]),
    still("kind-join", &["samples::joins"]),
    still("kind-masked-sleep", &["samples::sleeps_masked"]),
    still("kind-recursion", &["samples::descends"]),
    still(
        "kind-handler",
        &["samples::handler_waits", "samples::raises"],
    ),
    still("kind-tiny-park", &["samples::parks_tiny"]),
    still("kind-worker", &["tokio::runtime"]),
    still("kind-block-on", &["samples::blocks_on"]),
    running("kind-allocate", &["samples::allocates"]),
    running("kind-busy", &["samples::spins"]),
    running("kind-tiny-busy", &["samples::spins_tiny"]),
    running("kind-deep-busy", &["samples::spins_deep"]),
    SampleThread {
        name: "kind-masked-busy",
        markers: &["samples::spins_masked"],
        unreachable: true,
        still: false,
    },
];

/// Starts all of them and waits until each has reached its place.
pub(crate) fn start() {
    let (arrived, arrivals) = channel();
    let start = |name: &str, stack: usize, body: fn(&Sender<()>)| {
        let arrived = arrived.clone();
        Builder::new()
            .name(name.to_owned())
            .stack_size(stack)
            .spawn(move || body(&arrived))
            .expect("a thread can be started");
    };
    let tiny = libc::PTHREAD_STACK_MIN;
    let usual = 256 * 1024;
    start("kind-sleep", usual, sleeps);
    start("kind-park", usual, parks);
    start("kind-mutex", usual, locks);
    start("kind-condvar", usual, waits);
    start("kind-epoll", usual, polls);
    start("kind-poll", usual, poll_one);
    start("kind-pipe", usual, reads);
    start("kind-futex", usual, futex_timed);
    start("kind-join", usual, joins);
    start("kind-masked-sleep", usual, sleeps_masked);
    start("kind-recursion", 64 * 1024 * 1024, recursion);
    start("kind-handler", usual, raises);
    start("kind-tiny-park", tiny, parks_tiny);
    start("kind-block-on", usual, blocks_on);
    start("kind-allocate", usual, allocates);
    start("kind-busy", usual, spins);
    start("kind-tiny-busy", tiny, spins_tiny);
    start("kind-deep-busy", usual, deep_busy);
    start("kind-masked-busy", usual, spins_masked);
    start("kind-worker-owner", usual, owns_workers);
    for _ in 0..20 {
        arrivals.recv().expect("every sample arrives");
    }
    wait_until_still();
}

/// Each of these reports just before it blocks: wait until the kernel shows that it has.
fn wait_until_still() {
    for entry in std::fs::read_dir("/proc/self/task").expect("/proc is mounted") {
        let path = entry.expect("a task").path();
        let name = std::fs::read_to_string(path.join("comm")).unwrap_or_default();
        let is_still = |sample: &SampleThread| sample.still && cut(sample.name) == name.trim_end();
        if !SAMPLE_THREADS.iter().any(is_still) {
            continue;
        }
        let blocked = || {
            let call = std::fs::read_to_string(path.join("syscall")).unwrap_or_default();
            !call.starts_with("running")
        };
        while !blocked() {
            std::thread::yield_now();
        }
    }
}

/// The part of a name that the kernel keeps.
pub(crate) fn cut(name: &str) -> &str {
    &name[..name.len().min(15)]
}

const LONG: Duration = Duration::from_secs(100_000);

fn here(arrived: &Sender<()>) {
    arrived.send(()).expect("the test waits for its samples");
}

#[inline(never)]
fn sleeps(arrived: &Sender<()>) {
    here(arrived);
    std::thread::sleep(LONG);
    black_box(());
}

#[inline(never)]
fn parks(arrived: &Sender<()>) {
    here(arrived);
    loop {
        std::thread::park();
    }
}

#[inline(never)]
fn locks(arrived: &Sender<()>) {
    let mutex: &'static Mutex<()> = Box::leak(Box::new(Mutex::new(())));
    let owner = Builder::new().spawn(|| std::mem::forget(mutex.lock()));
    owner
        .expect("a thread can be started")
        .join()
        .expect("it ends and keeps the lock");
    here(arrived);
    black_box(mutex.lock()).ok();
}

#[inline(never)]
fn waits(arrived: &Sender<()>) {
    let (lock, condition) = (Mutex::new(()), Condvar::new());
    let mut guard = lock.lock().expect("nobody else has it");
    here(arrived);
    loop {
        guard = condition.wait(guard).expect("nobody panics with it");
    }
}

#[inline(never)]
fn polls(arrived: &Sender<()>) {
    here(arrived);
    // SAFETY: a fresh epoll instance without members, and room for one event.
    unsafe {
        let epoll = libc::epoll_create1(0);
        let mut event: libc::epoll_event = std::mem::zeroed();
        // A debugger that attaches interrupts it.
        loop {
            black_box(libc::epoll_wait(epoll, &mut event, 1, -1));
        }
    }
}

#[inline(never)]
fn poll_one(arrived: &Sender<()>) {
    here(arrived);
    loop {
        // SAFETY: no descriptors are polled, so none are read.
        unsafe { black_box(libc::poll(std::ptr::null_mut(), 0, -1)) };
    }
}

/// A pipe without a writer.
fn silent_pipe() -> File {
    let mut ends = [0; 2];
    // SAFETY: room for two descriptors; the reading end is owned by the file from here on, and the
    // writing end stays open so that the reader waits.
    unsafe {
        assert_eq!(libc::pipe(ends.as_mut_ptr()), 0);
        File::from_raw_fd(ends[0])
    }
}

#[inline(never)]
fn reads(arrived: &Sender<()>) {
    let mut pipe = silent_pipe();
    here(arrived);
    black_box(pipe.read(&mut [0])).ok();
}

#[inline(never)]
fn futex_timed(arrived: &Sender<()>) {
    let (lock, condition) = (Mutex::new(()), Condvar::new());
    let guard = lock.lock().expect("nobody else has it");
    here(arrived);
    black_box(condition.wait_timeout(guard, LONG)).ok();
}

#[inline(never)]
fn joins(arrived: &Sender<()>) {
    let other = Builder::new()
        .name("kind-joined".to_owned())
        .spawn(|| std::thread::sleep(LONG))
        .expect("a thread can be started");
    here(arrived);
    black_box(other.join()).ok();
}

fn block_all_signals() {
    // SAFETY: the set is filled before it is used; the mask is this thread's own.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigfillset(&mut set);
        libc::pthread_sigmask(libc::SIG_SETMASK, &set, std::ptr::null_mut());
    }
}

#[inline(never)]
fn sleeps_masked(arrived: &Sender<()>) {
    block_all_signals();
    here(arrived);
    std::thread::sleep(LONG);
    black_box(());
}

#[inline(never)]
fn spins_masked(arrived: &Sender<()>) {
    block_all_signals();
    here(arrived);
    loop {
        black_box(());
    }
}

fn recursion(arrived: &Sender<()>) {
    descends(arrived, 10_000);
}

#[inline(never)]
fn descends(arrived: &Sender<()>, depth: u32) -> u32 {
    if depth > 0 {
        return black_box(descends(arrived, depth - 1)) + 1;
    }
    here(arrived);
    std::thread::sleep(LONG);
    black_box(0)
}

thread_local! {
    static ARRIVED: Cell<Option<Sender<()>>> = const { Cell::new(None) };
}

#[inline(never)]
extern "C" fn handler_waits(_: libc::c_int) {
    if let Some(arrived) = ARRIVED.take() {
        here(&arrived);
    }
    loop {
        // SAFETY: no descriptors are polled, so none are read.
        unsafe { black_box(libc::poll(std::ptr::null_mut(), 0, -1)) };
    }
}

#[inline(never)]
fn raises(arrived: &Sender<()>) {
    ARRIVED.set(Some(arrived.clone()));
    // SAFETY: nothing else in this process uses SIGUSR1; the handler has the type that is expected.
    unsafe {
        let handler: extern "C" fn(libc::c_int) = handler_waits;
        libc::signal(libc::SIGUSR1, handler as libc::sighandler_t);
        black_box(libc::raise(libc::SIGUSR1));
    }
}

#[inline(never)]
fn parks_tiny(arrived: &Sender<()>) {
    here(arrived);
    loop {
        std::thread::park();
    }
}

#[inline(never)]
fn blocks_on(arrived: &Sender<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime can be made");
    here(arrived);
    runtime.block_on(std::future::pending::<()>());
}

fn owns_workers(arrived: &Sender<()>) {
    let (started, starting) = channel();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("kind-worker")
        .on_thread_start(move || {
            let _ = started.send(());
        })
        .build()
        .expect("a runtime can be made");
    starting.recv().expect("the worker starts");
    here(arrived);
    std::thread::sleep(LONG);
    drop(runtime);
}

#[inline(never)]
fn allocates(arrived: &Sender<()>) {
    here(arrived);
    let mut size = 1;
    loop {
        black_box(vec![0_u8; size]);
        size = size * 7 % 65_536 + 1;
    }
}

#[inline(never)]
fn spins(arrived: &Sender<()>) {
    here(arrived);
    loop {
        black_box(());
    }
}

#[inline(never)]
fn spins_tiny(arrived: &Sender<()>) {
    here(arrived);
    loop {
        black_box(());
    }
}

fn deep_busy(arrived: &Sender<()>) {
    spins_deep(arrived, 100);
}

#[inline(never)]
fn spins_deep(arrived: &Sender<()>, depth: u32) -> u32 {
    if depth > 0 {
        return black_box(spins_deep(arrived, depth - 1)) + 1;
    }
    here(arrived);
    loop {
        black_box(());
    }
}
