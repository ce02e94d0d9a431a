//! Rendering, recording and resetting against metrics-exporter-prometheus, prometheus-client and a
//! bare loop.
//!
//! Sides take turns in every round; a ratio is the median of the rounds' ratios.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Instant;

use admin_endpoints::metrics::{MetricsConfig, Recorder};
use admin_runtime::AdminServer;
use metrics::{Key, Label, Level, Metadata, Recorder as _, counter};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

/// Counts what is allocated, for the memory of a scrape.
struct Counting;

static NOW: AtomicI64 = AtomicI64::new(0);
static PEAK: AtomicI64 = AtomicI64::new(0);

fn count(bytes: i64) {
    let now = NOW.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK.fetch_max(now, Ordering::Relaxed);
}

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-(layout.size() as i64));
        // SAFETY: the caller keeps the contract of `dealloc`, and the memory came from the same
        // allocator.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const BOUNDS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// Buckets, +Inf, sum and count.
const LINES: usize = BOUNDS.len() + 3;
const METADATA: Metadata<'static> = Metadata::new("bench", Level::INFO, None);

/// How much is measured: all of it, or, as a test, just enough to run every line.
struct Scale {
    series: usize,
    rounds: usize,
    records: u64,
}

fn main() {
    let benching = std::env::args().any(|arg| arg == "--bench");
    let scale = match benching {
        true => Scale {
            series: 100_000,
            rounds: 11,
            records: 2_000_000,
        },
        false => Scale {
            series: 1_000,
            rounds: 1,
            records: 10_000,
        },
    };
    let mut figures = render(&scale);
    figures.extend(record(&scale));
    figures.extend(serve(&scale));
    report(&figures);
}

#[expect(
    clippy::print_stdout,
    reason = "the figures are what a benchmark is for"
)]
fn report(figures: &[(&str, f64)]) {
    for (name, figure) in figures {
        println!("{name}: {figure:.3}");
    }
}

/// Seconds that `work` takes, on a heap where the side before has nothing left to be tidied up.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    // Larger than what the C library keeps in its quick lists, which makes it tidy them up.
    drop(black_box(Vec::<u8>::with_capacity(100_000)));
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_secs_f64()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Ratios of the first side to each other one, round by round, and their medians.
fn ratios<const N: usize>(rounds: usize, mut sides: [&mut dyn FnMut() -> f64; N]) -> [f64; N] {
    let mut times: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..=rounds {
        let round: Vec<f64> = sides.iter_mut().map(|side| side()).collect();
        round
            .iter()
            .enumerate()
            .for_each(|(side, time)| times[side].push(round[0] / time));
    }
    times.map(|mut side| median(side.split_off(1))) // the first round warms up
}

fn keys(name: &'static str, count: usize) -> Vec<Key> {
    let label = |i: usize| {
        vec![
            Label::new("shard", format!("{:05}", i)),
            Label::new("tenant", format!("t{}", i % 97)),
        ]
    };
    (0..count)
        .map(|i| Key::from_parts(name, label(i)))
        .collect()
}

fn exporter() -> PrometheusRecorder {
    PrometheusBuilder::new()
        .set_buckets(&BOUNDS)
        .expect("bounds are given")
        .build_recorder()
}

fn own() -> Recorder {
    let builder = Recorder::builder()
        .default_buckets(&BOUNDS)
        .process_metrics(false);
    builder.build().expect("bounds are given")
}

fn drain(recorder: &Recorder) -> usize {
    recorder.scrape().map(|chunk| black_box(chunk).len()).sum()
}

fn render(scale: &Scale) -> Vec<(&'static str, f64)> {
    let (own_counters, exporter_counters) = (own(), exporter());
    let family = prometheus_client::metrics::family::Family::<
        Vec<(String, String)>,
        prometheus_client::metrics::counter::Counter,
    >::default();
    let mut client = prometheus_client::registry::Registry::default();
    client.register("requests", "Requests", family.clone());
    let mut floor = Floor::default();
    for (i, key) in keys("requests_total", scale.series).iter().enumerate() {
        let value = (i as u64 * 7919) % 1_000_000;
        own_counters
            .register_counter(key, &METADATA)
            .increment(value);
        exporter_counters
            .register_counter(key, &METADATA)
            .increment(value);
        let labels = key
            .labels()
            .map(|l| (l.key().to_owned(), l.value().to_owned()))
            .collect();
        family.get_or_create(&labels).inc_by(value);
        floor.push(&labels, value);
    }
    let exporter_handle = exporter_counters.handle();
    let counters = ratios(
        scale.rounds,
        [
            &mut || seconds(|| drain(&own_counters)),
            &mut || seconds(|| exporter_handle.render()),
            &mut || {
                seconds(|| {
                    let mut text = String::new();
                    prometheus_client::encoding::text::encode(&mut text, &client).map(|()| text)
                })
            },
            &mut || seconds(|| floor.render()),
        ],
    );

    let reset: Vec<f64> = (0..=scale.rounds)
        .map(|_| {
            own_counters
                .register_counter(&Key::from_name("requests_total"), &METADATA)
                .increment(1);
            1e3 * seconds(|| own_counters.reset().map(|report| report.series))
        })
        .collect();

    let (own_histograms, exporter_histograms) = (own(), exporter());
    for (i, key) in keys("wait_seconds", scale.series / LINES)
        .iter()
        .enumerate()
    {
        let (own, exporter) = (
            own_histograms.register_histogram(key, &METADATA),
            exporter_histograms.register_histogram(key, &METADATA),
        );
        for sample in 0..20 {
            let value = ((i * 31 + sample * 7) % 1200) as f64 / 100.0;
            own.record(value);
            exporter.record(value);
        }
    }
    let exporter_handle = exporter_histograms.handle();
    let histograms = ratios(
        scale.rounds,
        [&mut || seconds(|| drain(&own_histograms)), &mut || {
            seconds(|| exporter_handle.render())
        }],
    );
    vec![
        ("render_100k_counters_vs_exporter", counters[1]),
        ("render_100k_histogram_lines_vs_exporter", histograms[1]),
        ("render_100k_counters_vs_prometheus_client", counters[2]),
        ("render_100k_counters_vs_floor", counters[3]),
        ("reset_100k_ms", median(reset)),
    ]
}

/// The least that rendering can be: prepared text, copied, and a number after it.
#[derive(Default)]
struct Floor {
    text: String,
    ends: Vec<usize>,
    values: Vec<AtomicU64>,
}

impl Floor {
    fn push(&mut self, labels: &[(String, String)], value: u64) {
        let labels: Vec<_> = labels.iter().map(|(n, v)| format!("{n}=\"{v}\"")).collect();
        self.text
            .push_str(&format!("requests_total{{{}}} ", labels.join(",")));
        self.ends.push(self.text.len());
        self.values.push(AtomicU64::new(value));
    }

    fn render(&self) -> usize {
        let mut chunk = Vec::with_capacity(80 * 1024);
        let (mut start, mut total) = (0, 0);
        for (&end, value) in self.ends.iter().zip(&self.values) {
            chunk.extend_from_slice(&self.text.as_bytes()[start..end]);
            let value = value.load(Ordering::Relaxed);
            chunk.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
            chunk.push(b'\n');
            start = end;
            if chunk.len() >= 64 * 1024 {
                total += black_box(&chunk).len();
                chunk.clear();
            }
        }
        total + chunk.len()
    }
}

/// Scrapes of a server over loopback: the first of so many new series, and one with nothing new.
fn serve(scale: &Scale) -> Vec<(&'static str, f64)> {
    let (mut stalls, mut extra) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds {
        let recorder = own();
        for key in keys("requests_total", scale.series) {
            recorder.register_counter(&key, &METADATA).increment(1);
        }
        let config = MetricsConfig {
            recorder: Some(recorder),
        };
        let server = AdminServer::builder()
            .config(config)
            .bind("127.0.0.1:0")
            .start();
        let server = server.expect("loopback has a free port");
        for _ in ["new series", "known series"] {
            let scraped = AtomicBool::new(false);
            std::thread::scope(|scope| {
                let probes = scope.spawn(|| slowest_answer(server.local_addr(), &scraped));
                assert!(scrape(server.local_addr()) > 30 * scale.series);
                scraped.store(true, Ordering::Relaxed);
                stalls.push(1e3 * probes.join().expect("the probes do not panic"));
            });
        }
        let before = NOW.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        scrape(server.local_addr());
        extra.push((PEAK.load(Ordering::Relaxed) - before) as f64 / 1e6);
    }
    vec![
        ("scrape_100k_extra_mb", median(extra)),
        ("scrape_100k_stall_ms", median(stalls)),
    ]
}

/// Reads `/metrics` without keeping it; returns the bytes of the reply.
fn scrape(address: SocketAddr) -> usize {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).expect("the server reads");
    let (mut buffer, mut total) = ([0; 16 * 1024], 0);
    loop {
        match stream.read(&mut buffer).expect("the server answers") {
            0 => return total,
            read => total += read,
        }
    }
}

/// Asks for a small page again and again; the longest it took, in seconds.
fn slowest_answer(address: SocketAddr, stop: &AtomicBool) -> f64 {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let mut slowest: f64 = 0.0;
    while !stop.load(Ordering::Relaxed) {
        slowest = slowest.max(seconds(|| {
            stream
                .write_all(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .expect("it reads");
            let mut buffer = [0; 4096];
            assert!(stream.read(&mut buffer).expect("it answers") > 0);
        }));
    }
    slowest
}

fn record(scale: &Scale) -> Vec<(&'static str, f64)> {
    let (own, exporter) = (own(), exporter());
    let exporter_handle = exporter.handle();
    let key = Key::from_name("held_total");
    let handles = [
        own.register_counter(&key, &METADATA),
        exporter.register_counter(&key, &METADATA),
    ];
    let held = |side: usize| {
        let handle = black_box(&handles[side]);
        seconds(|| (0..scale.records).for_each(|_| handle.increment(black_box(1))))
    };
    let held = ratios(scale.rounds, [&mut || held(0), &mut || held(1)]);

    let looked_up = |recorder: &dyn metrics::Recorder| {
        metrics::with_local_recorder(recorder, || {
            seconds(|| {
                (0..scale.records / 4)
                    .for_each(|_| counter!("looked_up_total", "tier" => "l1").increment(1));
            })
        })
    };
    let macros = ratios(
        scale.rounds,
        [&mut || looked_up(&own), &mut || looked_up(&exporter)],
    );

    let key = Key::from_name("recorded_seconds");
    let handles = [
        own.register_histogram(&key, &METADATA),
        exporter.register_histogram(&key, &METADATA),
    ];
    let recorded = |side: usize, drained: &dyn Fn()| {
        let handle = black_box(&handles[side]);
        seconds(|| {
            for batch in 0..scale.records / 20_000 {
                for i in 0..10_000 {
                    handle.record(((i + batch) % 1200) as f64 / 100.0);
                }
                drained();
            }
        })
    };
    let histogram = ratios(
        scale.rounds,
        [
            &mut || {
                recorded(0, &|| {
                    drain(&own);
                })
            },
            &mut || recorded(1, &|| exporter_handle.run_upkeep()),
        ],
    );
    vec![
        ("held_counter_vs_exporter", held[1]),
        ("counter_macro_vs_exporter", macros[1]),
        ("histogram_record_vs_exporter", histogram[1]),
    ]
}
