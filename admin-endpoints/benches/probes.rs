//! What a probe costs, and how soon it is answered while the application is blocked.
//!
//! `cargo bench -p admin-endpoints --bench probes` prints the processor time of one probe, the rate over
//! connections that stay open while a check hangs, and the latency of probes with a connection each while
//! four async handlers block the user runtime.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark"
)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use admin_runtime::health::CheckKind;
use admin_runtime::{AdminServer, Limits, admin_endpoint, health_check};

admin_runtime::link!(admin_endpoints);

/// Handlers that block a thread.
const WEDGED: usize = 4;

/// Connections that stay open.
const CLIENTS: u32 = 4;

/// Probes in each measurement, and of each of these connections.
const PROBES: u32 = 5_000;

static ENTERED: AtomicUsize = AtomicUsize::new(0);

/// Blocks its thread.
#[admin_endpoint(path = "/wedged")]
async fn wedged() {
    ENTERED.fetch_add(1, Ordering::SeqCst);
    loop {
        std::thread::park();
    }
}

#[health_check]
async fn database() {}

static HANGS: AtomicBool = AtomicBool::new(false);

/// Never returns once it has to hang.
#[health_check(interval = "10ms", timeout = "100ms")]
fn queue() {
    while HANGS.load(Ordering::SeqCst) {
        std::thread::park();
    }
}

#[health_check(kind = "live")]
fn disk() {}

/// The processor time of this process.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

fn main() {
    let limits = Limits::default().with_graceful_shutdown_timeout(Duration::from_millis(10));
    let server = AdminServer::builder()
        .bind("127.0.0.1:0")
        .limits(limits)
        .start()
        .unwrap();
    let checks = server.health_checks();
    assert!(checks.wait_until_healthy(CheckKind::Ready, Duration::from_secs(20)));

    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let client = server.test_client();
    for path in ["/livez", "/readyz", "/readyz?verbose"] {
        let began = processor_time();
        runtime.block_on(async {
            for _ in 0..PROBES {
                assert_eq!(client.get(path).await.status(), 200);
            }
        });
        let each = (processor_time() - began) / PROBES;
        println!("{path}: {each:?} of processor time");
    }

    let address = server.local_addr();
    HANGS.store(true, Ordering::SeqCst);
    while checks.is_healthy(CheckKind::Ready) {
        std::thread::yield_now();
    }
    let before = Usage::read();
    let began = Instant::now();
    let clients = (0..CLIENTS).map(|_| std::thread::spawn(move || probe_many(address)));
    let clients: Vec<_> = clients.collect();
    for client in clients {
        client.join().unwrap();
    }
    let rate = f64::from(CLIENTS * PROBES) / began.elapsed().as_secs_f64();
    let after = Usage::read();
    println!(
        "/readyz while a check hangs: {rate:.0} probes per second; {before:?}, then {after:?}"
    );

    let mut blocked: Vec<_> = (0..WEDGED)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    for stream in &mut blocked {
        stream
            .write_all(b"GET /wedged HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .unwrap();
    }
    while ENTERED.load(Ordering::SeqCst) < WEDGED {
        std::thread::yield_now();
    }
    let mut latencies: Vec<_> = (0..PROBES).map(|_| probe(address)).collect();
    latencies.sort();
    let at = |percent: usize| latencies[latencies.len() * percent / 100];
    println!(
        "/livez with {WEDGED} blocked handlers: p50 {:?}, p99 {:?}",
        at(50),
        at(99)
    );
    std::process::exit(0); // the handlers never return
}

/// Sends probes on one connection that stays open.
fn probe_many(address: std::net::SocketAddr) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = b"GET /readyz HTTP/1.1\r\nHost: 10.244.1.7:7000\r\n\r\n";
    let mut reply = [0; 4096];
    for _ in 0..PROBES {
        stream.write_all(request).unwrap();
        let length = stream.read(&mut reply).unwrap();
        assert!(reply[..length].starts_with(b"HTTP/1.1 503"));
        assert!(reply[..length].ends_with(b"readyz check failed"));
    }
}

/// What may accumulate in this process.
#[derive(Debug)]
#[allow(dead_code, reason = "printed with Debug")]
struct Usage {
    threads: usize,
    descriptors: usize,
    resident_kib: usize,
}

impl Usage {
    fn read() -> Self {
        let entries = |folder: &str| std::fs::read_dir(folder).unwrap().count();
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.unwrap().trim().trim_end_matches(" kB");
        Self {
            threads: entries("/proc/self/task"),
            descriptors: entries("/proc/self/fd"),
            resident_kib: resident.parse().unwrap(),
        }
    }
}

/// One probe as a kubelet sends it, on a connection of its own.
fn probe(address: std::net::SocketAddr) -> Duration {
    let began = Instant::now();
    let mut stream = TcpStream::connect(address).unwrap();
    let request = b"GET /livez HTTP/1.1\r\nHost: 10.244.1.7:7000\r\nConnection: close\r\n\r\n";
    stream.write_all(request).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    began.elapsed()
}
