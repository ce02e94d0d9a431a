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

/// A free address of this test's own: nothing else takes the port after its release.
fn own_listener() -> (TcpListener, SocketAddr) {
    let [.., high, low] = std::process::id().to_be_bytes();
    let listener = TcpListener::bind(SocketAddr::from(([127, 8, high, low], 0)));
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

fn spawn(binary: &str, address: SocketAddr, log: &str, stderr: PipeWriter) -> Running {
    let child = Command::new(binary)
        .args(["--host", &address.ip().to_string()])
        .args(["--port", &address.port().to_string()])
        .args(["--log", log])
        .stdin(Stdio::null())
        .stderr(stderr)
        .spawn();
    Running(child.expect("the binary starts"))
}

/// Starts a binary that cannot say where it listens.
fn start(binary: &str, stderr: PipeWriter) -> (Running, SocketAddr) {
    let (free, address) = own_listener();
    drop(free);
    let running = spawn(binary, address, "debug", stderr);
    poll_until("the program to listen", || TcpStream::connect(address).ok());
    (running, address)
}

/// Sends SIGTERM once and waits for the end; returns the exit status.
fn terminate(program: &mut Running) -> Option<i32> {
    let terminate = format!("kill -TERM {}", program.0.id());
    let sent = Command::new("sh").args(["-c", &terminate]).status();
    assert!(sent.expect("sh starts").success());
    let asked = Instant::now();
    let status = poll_until("the end", || program.0.try_wait().expect("a child"));
    let took = asked.elapsed();
    assert!(took < MAX_END_TIME, "the end took {took:?}");
    status.code()
}

/// Whether the main thread is in a call that writes to stderr.
fn writes_to_stderr(program: &Running) -> bool {
    let call = std::fs::read_to_string(format!("/proc/{}/syscall", program.0.id()));
    call.expect("/proc is mounted").split(' ').nth(1) == Some("0x2")
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
        // It holds the lock of stderr, which every other thread that prints waits for.
        let writer = ask(address, "GET", "/threads?name=log-writer", &[]).body;
        assert!(writer.contains("write_line"), "{writer}");
        assert_eq!(terminate(&mut program), Some(0), "{binary}");
    }
}

/// More than the queues of the program hold.
const MORE_THAN_QUEUED: usize = 3000;

#[test]
fn dropped_log_lines_are_counted() {
    let (_unread, stderr) = full_pipe();
    let (program, address) = start(ALL[0], stderr);
    let dropped = || {
        let metrics = ask(address, "GET", "/metrics", &[]).body;
        let count = metrics
            .lines()
            .find_map(|line| line.strip_prefix("log_lines_dropped_total "));
        let count = count.unwrap_or_else(|| panic!("no counter in {metrics}"));
        count.parse::<u64>().expect("a number")
    };
    let mut is_dropped = false;
    for write in 1..=MORE_THAN_QUEUED {
        let path = "/loglevel?logger_name=root&level=debug";
        assert_eq!(ask(address, "PUT", path, &[]).status, 200);
        is_dropped = write % 100 == 0 && dropped() > 0;
        if is_dropped {
            break;
        }
    }
    assert!(is_dropped, "no line was dropped");
    drop(program);
}

#[test]
fn sigterm_ends_a_failed_start() {
    for binary in ALL {
        let (_unread, stderr) = full_pipe();
        let (_taken, address) = own_listener();
        let mut program = spawn(binary, address, "off", stderr);
        poll_until("the program to report", || {
            writes_to_stderr(&program).then_some(())
        });
        assert_eq!(terminate(&mut program), Some(1), "{binary}");
    }
}
