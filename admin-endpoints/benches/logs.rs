//! What `/logs` costs the threads that log: nothing without a client, little with one, also if it
//! does not read.

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use admin_endpoints::loglevel::LogLevels;
use admin_runtime::AdminServer;
use tracing::dispatcher::{self, Dispatch};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber, debug, info};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

admin_runtime::link!(admin_endpoints);

/// How much is measured.
struct Effort {
    rounds: usize,
    disabled_events: u64,
    /// Fewer than a buffer has room for.
    enabled_events: u64,
    events_of_a_thread: u64,
}

const BENCHMARK_EFFORT: Effort = Effort {
    rounds: 101,
    disabled_events: 1_000_000,
    enabled_events: 1_500,
    events_of_a_thread: 25_000,
};

/// Enough to see that it runs.
const TEST_EFFORT: Effort = Effort {
    rounds: 3,
    disabled_events: 1_000,
    enabled_events: 100,
    events_of_a_thread: 100,
};

const THREADS: u64 = 8;

/// All threads together log 100,000 events a second, each with a text of its own.
const EVENTS_PER_MILLISECOND: u64 = 100;

#[expect(
    clippy::print_stdout,
    reason = "the figures are what a benchmark is run for"
)]
fn main() {
    // Cargo says `--bench` when it benches and not when it tests.
    let effort = if std::env::args().any(|arg| arg == "--bench") {
        BENCHMARK_EFFORT
    } else {
        TEST_EFFORT
    };
    println!(
        "disabled_event_no_client_vs_static: {:.3}",
        disabled(&effort)
    );

    let levels = LogLevels::from_spec("info").expect("a start value of this file");
    let subscriber = Registry::default()
        .with(levels.filter())
        .with(CountingLayer);
    tracing::subscriber::set_global_default(subscriber).expect("the first subscriber");
    levels.install().expect("the first levels");
    let server = AdminServer::builder().bind("127.0.0.1:0").start();
    let server = server.expect("a server");
    let at = server.local_addr();

    let without = enabled(&effort, || {});
    let client = ReadingClient::open(at, "filter=off,bench=info&seconds=600");
    let one = enabled(&effort, || client.wait());
    client.stop();
    let stalled = open(at, "filter=off,bench=info&seconds=600");
    for n in 0..effort.disabled_events {
        info!(target: "bench::enabled", n, "fills the buffer");
    }
    let full = enabled(&effort, || {});
    drop(stalled);
    println!("enabled_event_no_client_us: {without:.3}");
    println!("enabled_event_one_client_more_us: {:.3}", one - without);
    println!(
        "enabled_event_stalled_client_more_us: {:.3}",
        full - without
    );

    let all = THREADS * effort.events_of_a_thread;
    let query = format!("filter=off,bench=debug&seconds=600&limit={all}");
    let client = ReadingClient::open(at, &query);
    let seconds = log_from_threads(effort.events_of_a_thread);
    let received = client.finish();
    println!("events_per_second: {:.0}", all as f64 / seconds);
    println!("events_lost: {}", all - received);
}

/// How many times longer a disabled event takes than below a static filter.
fn disabled(effort: &Effort) -> f64 {
    let levels = LogLevels::from_spec("info").expect("a start value of this file");
    let ours = || {
        Dispatch::new(
            Registry::default()
                .with(levels.filter())
                .with(CountingLayer),
        )
    };
    let peer = || {
        Dispatch::new(
            Registry::default()
                .with(LevelFilter::INFO)
                .with(CountingLayer),
        )
    };
    let timed = |dispatch: Dispatch| {
        dispatcher::with_default(&dispatch, || {
            emit_disabled(100);
            seconds(|| emit_disabled(effort.disabled_events))
        })
    };
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..effort.rounds {
        // The sides take turns in running first.
        for side in [round % 2, (round + 1) % 2] {
            times[side].push(timed(if side == 0 { ours() } else { peer() }));
        }
    }
    let [ours, peer] = times.map(median);
    ours / peer
}

/// Microseconds of an enabled event.
fn enabled(effort: &Effort, after_round: impl Fn()) -> f64 {
    let rounds = (0..effort.rounds).map(|_| {
        let time = seconds(|| {
            for n in 0..effort.enabled_events {
                info!(target: "bench::enabled", n = black_box(n), name = "cache", "a block was evicted");
            }
        });
        after_round();
        time
    });
    1e6 * median(rounds.collect()) / effort.enabled_events as f64
}

#[inline(never)]
fn emit_disabled(times: u64) {
    for n in 0..times {
        debug!(target: "bench::disabled", n = black_box(n), "disabled");
    }
}

/// Seconds that the threads need; each keeps to its part of the rate.
fn log_from_threads(events: u64) -> f64 {
    seconds(|| {
        thread::scope(|threads| {
            for thread in 0..THREADS {
                threads.spawn(move || {
                    let step = EVENTS_PER_MILLISECOND / THREADS;
                    for n in 0..events {
                        debug!(target: "bench::load", thread, n, "{n} of {thread}: block {n} was evicted from tier hot after {n} ms, 4096 bytes");
                        if n % step == 0 {
                            thread::sleep(Duration::from_micros(800));
                        }
                    }
                });
            }
        });
    })
}

/// Counts events: the cheapest layer that does anything.
struct CountingLayer;

static RECEIVED_EVENTS: AtomicU64 = AtomicU64::new(0);

impl<S: Subscriber> Layer<S> for CountingLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        black_box(event);
        RECEIVED_EVENTS.fetch_add(1, Ordering::Relaxed);
    }
}

fn open(at: SocketAddr, query: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(at).expect("the server accepts");
    let request = format!("GET /logs?{query} HTTP/1.0\r\nHost: localhost\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .expect("the server reads");
    let mut reader = BufReader::with_capacity(256 * 1024, stream);
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).expect("a head");
    }
    reader
}

/// A client that counts the records that it reads.
struct ReadingClient {
    received: Arc<AtomicU64>,
    socket: TcpStream,
    reader: JoinHandle<()>,
}

impl ReadingClient {
    fn open(at: SocketAddr, query: &str) -> Self {
        let mut reader = open(at, query);
        let socket = reader.get_ref().try_clone().expect("a descriptor");
        let received = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&received);
        let thread = thread::Builder::new();
        let reader = thread.spawn(move || {
            let mut line = Vec::new();
            while reader
                .read_until(b'\n', &mut line)
                .is_ok_and(|length| length > 0)
            {
                if line.starts_with(b"{\"time\"") {
                    count.fetch_add(1, Ordering::Relaxed);
                }
                line.clear();
            }
        });
        let reader = reader.expect("a thread");
        Self {
            received,
            socket,
            reader,
        }
    }

    /// Waits until everything that was logged has arrived.
    fn wait(&self) {
        let mut before = u64::MAX;
        loop {
            let received = self.received.load(Ordering::Relaxed);
            if received == before {
                return;
            }
            before = received;
            thread::sleep(Duration::from_millis(8));
        }
    }

    fn stop(self) {
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
        let _ = self.reader.join();
    }

    /// Reads to the end: how many records came.
    fn finish(self) -> u64 {
        let received = Arc::clone(&self.received);
        let before = received.load(Ordering::Relaxed);
        // If records are lost the limit is never reached.
        for _ in 0..100 {
            if self.reader.is_finished() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
        let _ = self.reader.join();
        received.load(Ordering::Relaxed).max(before)
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn seconds(run: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    run();
    begin.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
