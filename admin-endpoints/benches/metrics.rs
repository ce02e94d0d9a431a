//! Rendering, recording and resetting, compared with metrics-exporter-prometheus,
//! prometheus-client and a loop that copies prepared text.
//!
//! Every round measures each candidate once; a ratio is the median over the rounds.

use std::alloc::{GlobalAlloc, Layout, System};
use std::future::{Future, IntoFuture, poll_fn};
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::pin::pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::task::Poll;

use admin_endpoints::metrics::{MetricsConfig, Recorder};
use admin_runtime::AdminServer;
use metrics::{Key, Label, Level, Metadata, Recorder as _, counter};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

/// Measures the memory of a scrape.
struct TrackingAllocator;

static ALLOCATED_BYTES: AtomicI64 = AtomicI64::new(0);
static PEAK_BYTES: AtomicI64 = AtomicI64::new(0);

fn count(bytes: i64) {
    let allocated = ALLOCATED_BYTES.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK_BYTES.fetch_max(allocated, Ordering::Relaxed);
}

// SAFETY: every call is passed to the system allocator unchanged.
unsafe impl GlobalAlloc for TrackingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: the caller upholds the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-(layout.size() as i64));
        // SAFETY: the caller upholds the contract of `dealloc`; `alloc` uses the same allocator.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: TrackingAllocator = TrackingAllocator;

const BOUNDS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// Lines of one histogram: buckets, +Inf, sum and count.
const HISTOGRAM_LINES: usize = BOUNDS.len() + 3;
const METADATA: Metadata<'static> = Metadata::new("bench", Level::INFO, None);

/// Full size for a benchmark, or small to test that the benchmark runs.
struct Scale {
    series: usize,
    rounds: usize,
    records: u64,
}

fn main() {
    let is_benchmark = std::env::args().any(|arg| arg == "--bench");
    let scale = if is_benchmark {
        Scale {
            series: 100_000,
            rounds: 11,
            records: 2_000_000,
        }
    } else {
        Scale {
            series: 1_000,
            rounds: 1,
            records: 10_000,
        }
    };
    let mut figures = render(&scale);
    figures.extend(record(&scale));
    figures.extend(serve(&scale));
    report(&figures);
}

#[expect(clippy::print_stdout, reason = "the output of the benchmark")]
fn report(figures: &[(&str, f64)]) {
    for (name, figure) in figures {
        println!("{name}: {figure:.3}");
    }
}

/// CPU time of this thread for `work` in seconds, which other processes do not affect.
fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    // A large allocation makes the C library consolidate what the previous candidate freed.
    drop(black_box(Vec::<u8>::with_capacity(100_000)));
    let time = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    let start = time();
    black_box(work());
    time() - start
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Medians over the rounds of the ratio of the first candidate to each one.
fn ratios<const N: usize>(rounds: usize, mut candidates: [&mut dyn FnMut() -> f64; N]) -> [f64; N] {
    let mut times: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..=rounds {
        let round: Vec<f64> = candidates.iter_mut().map(|measure| measure()).collect();
        round
            .iter()
            .enumerate()
            .for_each(|(index, time)| times[index].push(round[0] / time));
    }
    times.map(|mut ratios| median(ratios.split_off(1))) // the first round is a warm-up
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
    recorder
        .scrape()
        .map(|chunk| black_box(chunk).map_or(0, |chunk| chunk.len()))
        .sum()
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
    for (i, key) in keys("wait_seconds", scale.series / HISTOGRAM_LINES)
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

/// The minimum work of rendering: copies prepared text and appends a number.
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

/// Scrapes of a server: in process with new series, without new series, then over loopback.
fn serve(scale: &Scale) -> Vec<(&'static str, f64)> {
    let (mut stalls, mut extra) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds {
        let recorder = own();
        for key in keys("requests_total", scale.series) {
            recorder.register_counter(&key, &METADATA).increment(1);
        }
        let config = MetricsConfig::new(recorder);
        let server = AdminServer::builder().config(config).bind("127.0.0.1:0");
        let server = server.build().expect("the stock routes do not collide");
        stalls.extend([
            1e3 * longest_poll(&server, scale),
            1e3 * longest_poll(&server, scale),
        ]);
        let server = server.start().expect("loopback has a free port");
        assert!(scrape(server.local_addr()) > 30 * scale.series);
        let before = ALLOCATED_BYTES.load(Ordering::Relaxed);
        PEAK_BYTES.store(before, Ordering::Relaxed);
        scrape(server.local_addr());
        extra.push((PEAK_BYTES.load(Ordering::Relaxed) - before) as f64 / 1e6);
    }
    vec![
        ("scrape_100k_extra_mb", median(extra)),
        ("scrape_100k_stall_ms", median(stalls)),
    ]
}

/// The longest poll of a scrape in seconds, during which the runtime's thread runs no other task.
fn longest_poll(server: &AdminServer, scale: &Scale) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime can be made").block_on(async {
        let mut request = pin!(server.test_client().get("/metrics").into_future());
        let mut longest: f64 = 0.0;
        let reply = poll_fn(|context| {
            let mut poll = Poll::Pending;
            longest = longest.max(seconds(|| poll = request.as_mut().poll(context)));
            poll
        });
        assert!(reply.await.bytes().len() > 30 * scale.series);
        longest
    })
}

/// Reads and discards `/metrics`; returns the size of the reply.
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
