//! A stderr that nobody reads.

use std::io::PipeWriter;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use admin_tests::{ask, full_pipe, poll_until};

use crate::process::ALL;

/// What the end may take, whatever stderr does.
const MAX_END_TIME: Duration = Duration::from_secs(10);

/// A running binary; killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a binary that cannot say where it listens.
fn start(binary: &str, stderr: PipeWriter) -> (Running, SocketAddr) {
    // An address of this test's own: nothing else takes the port after its release.
    let [.., high, low] = std::process::id().to_be_bytes();
    let free = TcpListener::bind(SocketAddr::from(([127, 8, high, low], 0))).expect("a free port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let child = Command::new(binary)
        .args(["--host", &address.ip().to_string()])
        .args(["--port", &address.port().to_string()])
        .args(["--log", "debug"])
        .stdin(Stdio::null())
        .stderr(stderr)
        .spawn()
        .expect("the binary starts");
    let running = Running(child);
    poll_until("the program to listen", || TcpStream::connect(address).ok());
    (running, address)
}

#[test]
fn a_full_stderr_stops_nothing() {
    for binary in ALL {
        let (_unread, stderr) = full_pipe();
        let (mut program, address) = start(binary, stderr);
        for _ in 0..10 {
            assert_eq!(ask(address, "POST", "/metrics/reset", &[]).status, 200);
            let page = ["Origin: http://evil.example"];
            assert_eq!(ask(address, "POST", "/metrics/reset", &page).status, 403);
        }
        for path in [
            "/",
            "/env",
            "/loglevel",
            "/metrics",
            "/threads",
            "/cache/stats",
        ] {
            assert_eq!(ask(address, "GET", path, &[]).status, 200, "{path}");
        }
        let terminate = format!("kill -TERM {}", program.0.id());
        let sent = Command::new("sh").args(["-c", &terminate]).status();
        assert!(sent.expect("sh starts").success());
        let asked = Instant::now();
        let status = poll_until("the end", || program.0.try_wait().expect("a child"));
        let took = asked.elapsed();
        assert_eq!(status.code(), Some(0), "{binary}");
        assert!(took < MAX_END_TIME, "{binary} took {took:?}");
    }
}
