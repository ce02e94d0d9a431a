//! Probes beside clients that hold connections.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::server::ServerProcess;

const IDLE: usize = 1000;
const HALF_SENT_HEADS: usize = 200;
const STALLED_READERS: usize = 50;
const PROBES: usize = 1000;

/// How soon clients connect again.
const RECONNECT_INTERVAL: Duration = Duration::from_secs(1);

/// Room for all of them.
const ENOUGH_CONNECTIONS: usize = 2000;

/// With the default limits, where the clients connect again when they are closed, and with room for all.
pub(crate) fn measure() {
    let default_limit = admin_runtime::Limits::default().max_connections;
    let [closed_again, all_open] = [default_limit, ENOUGH_CONNECTIONS].map(|limit| {
        let server = ServerProcess::start(limit, None);
        let mut holders = Holders::open(server.address);
        let is_done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(Ordering::Relaxed) {
                    holders.connect_again();
                    thread::sleep(RECONNECT_INTERVAL);
                }
            });
            let p99 = p99_ms(server.address);
            is_done.store(true, Ordering::Relaxed);
            p99
        })
    });
    println!("probe_p99_ms: {closed_again:.2}");
    println!("probe_p99_with_room_for_all_ms: {all_open:.2}");
}

/// Probes one after the other, a connection each.
fn p99_ms(address: SocketAddr) -> f64 {
    let mut times: Vec<f64> = (0..PROBES)
        .map(|_| {
            let began = Instant::now();
            let mut stream = TcpStream::connect(address).unwrap();
            let probe = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            stream.write_all(probe).unwrap();
            let mut reply = String::new();
            stream.read_to_string(&mut reply).unwrap();
            assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[PROBES * 99 / 100]
}

/// Clients that hold connections, each with what it sends.
struct Holders {
    address: SocketAddr,
    streams: Vec<(TcpStream, String)>,
}

impl Holders {
    fn open(address: SocketAddr) -> Self {
        let half_head = "GET /livez HTTP/1.1\r\nHost: loc".to_owned();
        let pipelined = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(200);
        let idle = (0..IDLE).map(|_| String::new());
        let half = (0..HALF_SENT_HEADS).map(|_| half_head.clone());
        let stalled = (0..STALLED_READERS).map(|_| pipelined.clone());
        let sent = idle.chain(half).chain(stalled);
        let streams = sent.map(|text| (hold(address, &text), text)).collect();
        Self { address, streams }
    }

    /// Replaces those that the server has closed.
    fn connect_again(&mut self) {
        for (stream, text) in &mut self.streams {
            let is_closed = match stream.peek(&mut [0]) {
                Ok(count) => count == 0,
                Err(error) => error.kind() != ErrorKind::WouldBlock,
            };
            if is_closed {
                *stream = hold(self.address, text);
            }
        }
    }
}

fn hold(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let _ = stream.write_all(text.as_bytes());
    stream.set_nonblocking(true).unwrap();
    stream
}
