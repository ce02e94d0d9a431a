//! What a probe costs, and how soon it is answered while the application is blocked.
//!
//! `cargo bench -p admin-endpoints --bench probes` prints the processor time of one probe and the
//! latency over a socket while four async handlers block the runtime for users' code.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark"
)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use admin_runtime::health::CheckKind;
use admin_runtime::{AdminServer, Limits, admin_endpoint, health_check};

admin_runtime::link!(admin_endpoints);

/// Handlers that block a thread.
const WEDGED: usize = 4;

/// Probes in each measurement.
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
