//! The cost of periodic threads: bookkeeping of a run, a list of 1,000, lateness of 1,000.
//!
//! `cargo bench -p admin-runtime --bench periodic`; the last lines are `name: value`. Every loop
//! runs once and briefly where the bench is only tested.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench"
)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use admin_runtime::periodic::{Filter, Overview, OwnedThread, PeriodicThreads, Schedule};
use admin_runtime::{AdminServer, Json, RunningServer, admin_endpoint};
use metrics_exporter_prometheus::PrometheusBuilder;

admin_runtime::link!(admin_runtime);

/// The same as the common route.
#[admin_endpoint(path = "/periodic-threads", runtime = "admin")]
async fn periodic_threads(threads: PeriodicThreads) -> Json<Overview> {
    Json(threads.overview(&Filter::default()))
}

const MILLISECOND: Duration = Duration::from_millis(1);

fn main() {
    let measuring = std::env::args().any(|argument| argument == "--bench");
    let full = |full: u64, brief: u64| if measuring { full } else { brief };

    let without_recorder = bookkeeping(full(1_000_000, 1_000));
    PrometheusBuilder::new().install_recorder().unwrap();
    let rounds: Vec<_> = (0..full(5, 1))
        .map(|_| bookkeeping(full(500_000, 1_000)))
        .collect();
    let list = list(full(25, 1));
    let minute = lateness(1000, Duration::from_secs(full(60, 1)), false);
    let tasks = lateness(1000, Duration::from_secs(full(10, 1)), true);

    println!(
        "bookkeeping_without_recorder_ns: {:.0}",
        without_recorder.on_cpu
    );
    println!(
        "bookkeeping_wall_ns: {:.0}",
        median(rounds.iter().map(|cost| cost.wall).collect())
    );
    println!("list_1000_bytes: {}", list.bytes);
    println!("list_1000_wall_ms: {:.3}", list.wall);
    println!("lateness_p50_ms: {:.2}", minute.p50);
    println!("lateness_first_sixth_p99_ms: {:.2}", minute.first_p99);
    println!("lateness_last_sixth_p99_ms: {:.2}", minute.last_p99);
    println!("lateness_async_p99_ms: {:.2}", tasks.p99);
    println!(
        "bookkeeping_ns: {:.0}",
        median(rounds.iter().map(|cost| cost.on_cpu).collect())
    );
    println!("list_1000_ms: {:.3}", list.on_cpu);
    println!("lateness_p99_ms: {:.2}", minute.p99);
}

fn started() -> RunningServer {
    AdminServer::builder().bind("127.0.0.1:0").start().unwrap()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What one run with an empty body costs.
#[derive(Clone, Copy)]
struct Cost {
    /// Nanoseconds of the loop's thread on a processor: what others do meanwhile is not counted.
    on_cpu: f64,
    wall: f64,
}

/// The interval is so short that the loop never sleeps, which also makes every run an overrun.
fn bookkeeping(runs: u64) -> Cost {
    let server = started();
    let (sent, ended) = channel();
    let (mut run, mut began) = (0, None);
    let thread = server
        .periodic_threads()
        .builder("bookkeeping")
        .interval(Duration::from_nanos(1));
    let thread = thread.run(move || {
        run += 1;
        if run == 1 {
            began = Some((Instant::now(), on_cpu()));
        } else if run == runs
            && let Some((wall, cpu)) = began
        {
            sent.send((wall.elapsed().as_nanos() as f64, on_cpu() - cpu))
                .unwrap();
        }
    });
    let thread = thread.unwrap();
    let (wall, on_cpu) = ended.recv().unwrap();
    drop(thread);
    let counted = (runs - 1) as f64;
    Cost {
        on_cpu: on_cpu / counted,
        wall: wall / counted,
    }
}

/// Nanoseconds that this thread was on a processor.
fn on_cpu() -> f64 {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    schedstat.split(' ').next().unwrap().parse().unwrap()
}

/// Requests that are timed together.
const IN_A_BATCH: u32 = 20;

struct Listed {
    on_cpu: f64,
    wall: f64,
    bytes: usize,
}

/// Milliseconds of `GET /periodic-threads` in this process, 1000 threads in the list; on a
/// processor, as in [`Cost`], and by the wall clock.
fn list(batches: u64) -> Listed {
    let server = started();
    let threads: Vec<OwnedThread> = (0..1000)
        .map(|number| {
            let thread = server
                .periodic_threads()
                .builder(format!("replica {number}"));
            thread
                .interval(Duration::from_secs(3600))
                .run(|| ())
                .unwrap()
        })
        .collect();
    for thread in &threads {
        assert!(thread.wait_until(Duration::from_secs(20), |status| status.total_runs > 0));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let client = server.test_client();
    let mut bytes = 0;
    let mut request = || {
        let reply = runtime.block_on(async { client.get("/periodic-threads").await });
        assert_eq!(reply.status().as_u16(), 200);
        bytes = reply.bytes().len();
    };
    // The first ones find a heap that has not grown yet.
    (0..IN_A_BATCH).for_each(|_| request());
    let mut batch = || {
        let (wall, cpu) = (Instant::now(), on_cpu());
        (0..IN_A_BATCH).for_each(|_| request());
        let (wall, cpu) = (wall.elapsed().as_secs_f64() * 1e3, (on_cpu() - cpu) / 1e6);
        (cpu / f64::from(IN_A_BATCH), wall / f64::from(IN_A_BATCH))
    };
    let (on_cpu, wall): (Vec<_>, Vec<_>) = (0..batches).map(|_| batch()).unzip();
    Listed {
        on_cpu: median(on_cpu),
        wall: median(wall),
        bytes,
    }
}

struct Lateness {
    p50: f64,
    p99: f64,
    first_p99: f64,
    last_p99: f64,
}

/// How many milliseconds after their slots the runs of many threads of 100 ms begin.
fn lateness(count: u64, window: Duration, as_tasks: bool) -> Lateness {
    let server = started();
    let interval = 100 * MILLISECOND;
    // When a run was due since the beginning, and how late it was, in microseconds.
    let late: Arc<Mutex<Vec<(u64, u64)>>> = Arc::default();
    let began = Instant::now();
    let threads: Vec<_> = (0..count)
        .map(|number| {
            let (late, slot) = (Arc::clone(&late), AtomicU64::new(0));
            let thread = server.periodic_threads().builder(format!("late {number}"));
            let thread = thread.interval(interval).schedule(Schedule::FixedRate);
            // Slot 0 is due after this moment: what lies between counts as lateness.
            let origin = Instant::now();
            let record = move || {
                let since = origin.elapsed().as_micros() as u64;
                let length = interval.as_micros() as u64;
                let due = slot.load(Ordering::Relaxed) * length;
                // Slots that have passed are skipped, so the next run's is the first to come.
                slot.store(since / length + 1, Ordering::Relaxed);
                let at = (origin - began).as_micros() as u64 + due;
                late.lock().unwrap().push((at, since.saturating_sub(due)));
            };
            if as_tasks {
                let record = Arc::new(record);
                thread.run_async(move || {
                    let record = Arc::clone(&record);
                    async move { record() }
                })
            } else {
                thread.run(record)
            }
            .unwrap()
        })
        .collect();
    std::thread::sleep(window);
    drop(threads);
    let late = std::mem::take(&mut *late.lock().unwrap());
    let sixth = window.as_micros() as u64 / 6;
    let (first, last): (Vec<_>, Vec<_>) = (
        late.iter()
            .filter(|(at, _)| *at < sixth)
            .map(|(_, late)| *late)
            .collect(),
        late.iter()
            .filter(|(at, _)| *at >= 5 * sixth)
            .map(|(_, late)| *late)
            .collect(),
    );
    let all: Vec<_> = late.into_iter().map(|(_, late)| late).collect();
    println!("{} runs of {count} threads in {window:?}", all.len());
    Lateness {
        p50: percentile(all.clone(), 50),
        p99: percentile(all, 99),
        first_p99: percentile(first, 99),
        last_p99: percentile(last, 99),
    }
}

/// In milliseconds.
fn percentile(mut micros: Vec<u64>, percent: usize) -> f64 {
    micros.sort_unstable();
    let at = (micros.len() * percent / 100).min(micros.len().saturating_sub(1));
    micros.get(at).map_or(0.0, |micros| *micros as f64 / 1000.0)
}
