//! What a dump costs the one who asks, and what it costs a running thread.
//!
//! `dump_N_ms` is the median time of a warm dump, text included, of a process in which N threads
//! are parked. `running_pause_us` is the median of the longest time that a thread in a busy loop
//! was away during a dump of it without the scheduler having taken its CPU.

#![allow(missing_docs, clippy::print_stdout, clippy::disallowed_methods)]

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use admin_endpoints::threads::{Layout, Query, capture};

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --benches` only wants to know that it runs.
    let quick = std::env::args().any(|argument| argument == "--test");
    let rounds = if quick { 2 } else { 50 };
    let sizes: &[usize] = if quick { &[10] } else { &[10, 100, 1000] };

    let mut results = Vec::new();
    for &size in sizes {
        let parked = Parked::start(size)?;
        black_box(dump(Query::default())?); // opens the symbol tables
        let mut times = Vec::new();
        for _ in 0..rounds {
            let start = Instant::now();
            let text = dump(Query::default())?;
            times.push(start.elapsed());
            let seen = text.matches("Thread: parked").count();
            assert_eq!(seen, size, "threads are missing from the dump");
            assert_eq!(text.matches("No stack trace").count(), 0, "{text}");
        }
        results.push((format!("dump_{size}_ms"), median(times).as_secs_f64() * 1e3));
        parked.stop();
    }
    results.push((
        "running_pause_us".to_owned(),
        running_pause(rounds)?.as_secs_f64() * 1e6,
    ));
    for (name, value) in results {
        println!("{name}: {value:.3}");
    }
    Ok(())
}

fn dump(query: Query) -> Result<String, Box<dyn Error>> {
    Ok(capture(query)?.to_text(Layout::default()))
}

/// How often the calling thread has lost its CPU.
fn context_switches() -> i64 {
    // SAFETY: the kernel fills the struct, which is plain numbers.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_THREAD, &mut usage);
        usage
    };
    usage.ru_nvcsw + usage.ru_nivcsw
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Threads that wait until they are told to stop.
struct Parked {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Parked {
    fn start(count: usize) -> Result<Self, Box<dyn Error>> {
        let stop = Arc::new(AtomicBool::new(false));
        let start = |number| {
            let stop = Arc::clone(&stop);
            Builder::new()
                .name(format!("parked-{number}"))
                .stack_size(128 * 1024)
                .spawn(move || {
                    while !stop.load(Ordering::Acquire) {
                        std::thread::park();
                    }
                })
        };
        let threads = (0..count).map(start).collect::<Result<_, _>>()?;
        Ok(Self { stop, threads })
    }

    fn stop(self) {
        self.stop.store(true, Ordering::Release);
        for thread in self.threads {
            thread.thread().unpark();
            thread.join().expect("a parked thread does not panic");
        }
    }
}

fn running_pause(rounds: usize) -> Result<Duration, Box<dyn Error>> {
    let stop = Arc::new(AtomicBool::new(false));
    let longest = Arc::new(AtomicU64::new(0));
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = Builder::new().name("busy".to_owned()).spawn({
        let (stop, longest) = (Arc::clone(&stop), Arc::clone(&longest));
        move || {
            let _ = sender.send(());
            let (mut last, mut switches) = (Instant::now(), context_switches());
            while !stop.load(Ordering::Relaxed) {
                let now = Instant::now();
                let away = now - last;
                last = now;
                if away > Duration::from_micros(2) {
                    // A busy machine takes the CPU away too: the dump does not cause that.
                    let before = std::mem::replace(&mut switches, context_switches());
                    if before == switches {
                        let away = u64::try_from(away.as_nanos()).unwrap_or(u64::MAX);
                        longest.fetch_max(away, Ordering::Relaxed);
                    }
                    last = Instant::now();
                }
            }
        }
    })?;
    receiver.recv()?;
    let query = Query::default().with_name("busy");
    let mut pauses = Vec::new();
    for _ in 0..4 * rounds {
        longest.store(0, Ordering::Relaxed);
        let text = dump(query.clone())?;
        let pause = longest.load(Ordering::Relaxed);
        if pause > 0 {
            pauses.push(Duration::from_nanos(pause));
        }
        assert!(
            text.contains("Stack trace:\n"),
            "no stack of the busy thread:\n{text}"
        );
    }
    stop.store(true, Ordering::Relaxed);
    thread.join().expect("the busy thread does not panic");
    assert!(
        !pauses.is_empty(),
        "the busy thread was never on a CPU during a dump"
    );
    Ok(median(pauses))
}
