//! How much of the CPU time a profile sees, what it costs, and what it leaves, beside `pprof`.
//!
//! | line | meaning |
//! |---|---|
//! | `cpu_seconds_seen_vs_process` | what samples stand for, of what the process used; eight busy threads |
//! | `two_threads_50_50` | the share of one of two threads that use the same CPU time |
//! | `overhead_*` | CPU time of a thread that computes, with a profile and without, interleaved |
//! | `collector_*` | CPU time of the rest of the process meanwhile, of that of the thread that computes |
//! | `first_profile_symbolise_s` | time after the last sample until the client has the first profile |
//! | `memory_after_60s_mb` | resident memory a minute after the first profile, less that before |
//! | `wakeups_of_sleeping_threads_wall` | how often threads that wait ran during a wall-clock profile |
//! | `pprof_*` | the same of the crate `pprof` 0.15 |
//!
//! An argument selects the lines that contain it.

#![allow(missing_docs, clippy::print_stdout, clippy::disallowed_methods)]

use std::error::Error;
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use admin_runtime::AdminServer;

admin_runtime::link!(admin_endpoints);

type Outcome<T> = Result<T, Box<dyn Error>>;

const BUSY_THREADS: usize = 8;

/// How a profile is made: the parts of a second, and where.
#[derive(Clone, Copy)]
enum Profiler {
    Admin(SocketAddr),
    Pprof,
}

fn main() -> Outcome<()> {
    // `cargo test --benches` only wants to know that it runs.
    let quick = std::env::args().any(|argument| argument == "--test");
    let filter = std::env::args()
        .skip(1)
        .find(|word| !word.starts_with("--"));
    let is_wanted = |name: &str| {
        filter
            .as_ref()
            .is_none_or(|part| name.contains(part.as_str()))
    };
    let server = AdminServer::builder().bind("127.0.0.1:0").start()?;
    let admin = Profiler::Admin(server.local_addr());
    let seconds = if quick { 1 } else { 6 };
    let mut results: Vec<(String, f64)> = Vec::new();

    if is_wanted("first_profile") || is_wanted("memory") {
        let before = resident_mb();
        let start = Instant::now();
        get(server.local_addr(), "/debug/pprof/profile?seconds=1")?;
        let symbolise = start.elapsed().as_secs_f64() - 1.0;
        results.push(("first_profile_symbolise_s".into(), symbolise));
        std::thread::sleep(Duration::from_secs(if quick { 1 } else { 60 }));
        results.push(("memory_after_60s_mb".into(), resident_mb() - before));
    }
    if is_wanted("wakeups") {
        let wakeups = wakeups(server.local_addr(), seconds)?;
        results.push(("wakeups_of_sleeping_threads_wall".into(), wakeups as f64));
    }
    for (prefix, profiler) in [("", admin), ("pprof_", Profiler::Pprof)] {
        let name = format!("{prefix}cpu_seconds_seen_vs_process");
        if is_wanted(&name) {
            results.push((name, seen_of_process(profiler, seconds)?));
        }
        let name = format!("{prefix}two_threads_50_50");
        if is_wanted(&name) {
            results.push((name, share_of_one(profiler, seconds)?));
        }
        for frequency in [99, 999] {
            let name = format!("{prefix}overhead_{frequency}hz");
            if is_wanted(&name) {
                let rounds = if quick { 1 } else { 5 };
                let (overhead, rest) = overhead(profiler, frequency, rounds)?;
                results.push((name, overhead));
                results.push((format!("{prefix}collector_{frequency}hz"), rest));
            }
        }
    }
    for (name, value) in results {
        println!("{name}: {value:.4}");
    }
    Ok(())
}

/// The body of a reply.
fn get(address: SocketAddr, target: &str) -> Outcome<String> {
    let mut socket = TcpStream::connect(address)?;
    // Version 1.0 has no chunks.
    write!(socket, "GET {target} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut reply = Vec::new();
    socket.read_to_end(&mut reply)?;
    let reply = String::from_utf8_lossy(&reply).into_owned();
    let (head, body) = reply.split_once("\r\n\r\n").ok_or("no head")?;
    if !head.contains(" 200 ") {
        return Err(head.into());
    }
    Ok(body.to_owned())
}

/// Samples of `seconds` by the name of their thread.
fn samples(profiler: Profiler, frequency: u32, seconds: u64) -> Outcome<Vec<(String, u64)>> {
    match profiler {
        Profiler::Admin(address) => {
            let target = format!(
                "/debug/pprof/profile?seconds={seconds}&frequency={frequency}&format=collapsed"
            );
            let body = get(address, &target)?;
            let lines = body.lines().filter_map(|line| {
                let (stack, count) = line.rsplit_once(' ')?;
                let thread = stack.split(';').next()?;
                Some((thread.to_owned(), count.parse().ok()?))
            });
            Ok(lines.collect())
        }
        Profiler::Pprof => {
            let guard = pprof::ProfilerGuardBuilder::default()
                .frequency(i32::try_from(frequency)?)
                .build()?;
            std::thread::sleep(Duration::from_secs(seconds));
            let report = guard.report().build()?;
            let samples = report.data.iter().map(|(frames, count)| {
                let count = u64::try_from(*count).unwrap_or(0);
                (frames.thread_name.clone(), count)
            });
            Ok(samples.collect())
        }
    }
}

fn cpu_time(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the result is a valid place to write to.
    unsafe { libc::clock_gettime(clock, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn process_time() -> Duration {
    cpu_time(libc::CLOCK_PROCESS_CPUTIME_ID)
}

fn thread_time() -> Duration {
    cpu_time(libc::CLOCK_THREAD_CPUTIME_ID)
}

fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number
        .and_then(|number| number.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1024.0
}

/// A fixed amount of work, some milliseconds of it.
#[inline(never)]
fn compute(units: u64) -> u64 {
    let mut value = 1_u64;
    for round in 0..units * 2_000_000 {
        value = black_box(value.wrapping_mul(3) ^ round);
    }
    value
}

/// Threads that run until this is dropped.
struct Running {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    fn start(count: usize, name: &str, body: fn(&AtomicBool)) -> Outcome<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let start = |number| {
            let stop = Arc::clone(&stop);
            let name = format!("{name}-{number}");
            Builder::new().name(name).spawn(move || body(&stop))
        };
        let threads = (0..count).map(start).collect::<Result<_, _>>()?;
        Ok(Self { stop, threads })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn seen_of_process(profiler: Profiler, seconds: u64) -> Outcome<f64> {
    const FREQUENCY: u32 = 99;
    let _busy = Running::start(BUSY_THREADS, "busy", |stop| {
        while !stop.load(Ordering::Relaxed) {
            compute(1);
        }
    })?;
    std::thread::sleep(Duration::from_millis(100));
    if let Profiler::Admin(address) = profiler {
        // The comment compares both at the moment of the last sample.
        let svg =
            format!("/debug/pprof/profile?seconds={seconds}&frequency={FREQUENCY}&format=svg");
        let body = get(address, &svg)?;
        let (_, comment) = body.split_once("The process used ").ok_or("no comment")?;
        let numbers: Vec<f64> = comment
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .take(2)
            .collect();
        let [used, sampled] = numbers[..] else {
            return Err("no numbers".into());
        };
        return Ok(sampled / used);
    }
    let before = process_time();
    let counts = samples(profiler, FREQUENCY, seconds)?;
    let used = process_time() - before;
    let count: u64 = counts.iter().map(|(_, count)| count).sum();
    Ok(count as f64 / f64::from(FREQUENCY) / used.as_secs_f64())
}

/// Two threads that work in turns, so that each has half of the CPU time whatever else runs.
fn share_of_one(profiler: Profiler, seconds: u64) -> Outcome<f64> {
    let stop = Arc::new(AtomicBool::new(false));
    let (to_second, from_first) = channel();
    let (to_first, from_second) = channel();
    to_first.send(())?;
    let work = || {
        let end = thread_time() + Duration::from_millis(7);
        while thread_time() < end {
            black_box(compute(0));
        }
    };
    let first = Builder::new().name("turn-first".into()).spawn({
        let stop = Arc::clone(&stop);
        move || {
            while !stop.load(Ordering::Relaxed) && from_second.recv().is_ok() {
                work();
                let _ = to_second.send(());
            }
        }
    })?;
    let second = Builder::new().name("turn-second".into()).spawn(move || {
        while from_first.recv().is_ok() {
            work();
            let _ = to_first.send(());
        }
    })?;
    let counts = samples(profiler, 99, seconds)?;
    stop.store(true, Ordering::Relaxed);
    first.join().map_err(|_| "it panicked")?;
    second.join().map_err(|_| "it panicked")?;
    let of = |name: &str| -> u64 {
        let counts = counts.iter().filter(|(thread, _)| thread.starts_with(name));
        counts.map(|(_, count)| count).sum()
    };
    let (first, second) = (of("turn-first"), of("turn-second"));
    Ok(first as f64 / (first + second).max(1) as f64)
}

/// CPU time of the calling thread for the same work with a profile, relative to that without, and
/// the CPU time of all other threads meanwhile, relative to that of the work.
fn overhead(profiler: Profiler, frequency: u32, rounds: u32) -> Outcome<(f64, f64)> {
    const UNITS: u64 = 60;
    let (mut plain, mut profiled, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    black_box(compute(UNITS));
    for _ in 0..rounds {
        let start = thread_time();
        black_box(compute(UNITS));
        plain.push(thread_time() - start);

        let before = process_time();
        let (sampling, done) = channel();
        let profile = Builder::new().spawn(move || {
            let counts = samples(profiler, frequency, 1).map_err(|error| error.to_string());
            let _ = sampling.send(());
            counts.map(|counts| counts.len())
        })?;
        std::thread::sleep(Duration::from_millis(150));
        let start = thread_time();
        black_box(compute(UNITS));
        let took = thread_time() - start;
        if done.try_recv().is_ok() {
            println!("the work of {took:?} took longer than the profile");
        }
        profiled.push(took);
        profile.join().map_err(|_| "it panicked")??;
        rest.push((process_time() - before - took).as_secs_f64() / took.as_secs_f64());
    }
    plain.sort_unstable();
    profiled.sort_unstable();
    rest.sort_by(f64::total_cmp);
    let middle = plain.len() / 2;
    let overhead = profiled[middle].as_secs_f64() / plain[middle].as_secs_f64();
    Ok((overhead, rest[middle]))
}

fn wakeups(address: SocketAddr, seconds: u64) -> Outcome<u64> {
    let parked = Running::start(20, "parked", |stop| {
        while !stop.load(Ordering::Relaxed) {
            std::thread::park();
        }
    })?;
    std::thread::sleep(Duration::from_millis(100));
    let before = runs_of_parked()?;
    get(
        address,
        &format!("/debug/fgprof?seconds={seconds}&name=parked&format=collapsed"),
    )?;
    let after = runs_of_parked()?;
    drop(parked);
    Ok(after - before)
}

/// How often the parked threads have run.
fn runs_of_parked() -> Outcome<u64> {
    let mut runs = 0;
    for task in std::fs::read_dir("/proc/self/task")? {
        let path = task?.path();
        if std::fs::read_to_string(path.join("comm"))?.starts_with("parked") {
            let schedstat = std::fs::read_to_string(path.join("schedstat"))?;
            let count = schedstat.split_whitespace().nth(2).ok_or("no count")?;
            runs += count.parse::<u64>()?;
        }
    }
    Ok(runs)
}
