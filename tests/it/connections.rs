//! All connections in use: which one is closed for the next client.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use admin_runtime::{Limits, RunningServer};
use admin_tests::{ask, connect, read_to_end};

use crate::builder;
use crate::endpoints::ENTERED;

const MAX_CONNECTIONS: usize = 256;

/// Longer than the test client waits: only the end of another connection makes room.
const LONG: Duration = Duration::from_secs(600);

const GET_NAME: &[u8] = b"GET /name HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn server(max_connections: usize) -> RunningServer {
    let limits = Limits::default()
        .with_max_connections(max_connections)
        .with_header_read_timeout(LONG);
    builder().limits(limits).start().unwrap()
}

/// Sends a request and reads its reply, which ends with the body `one`.
fn answered(stream: &mut TcpStream) {
    stream.write_all(GET_NAME).unwrap();
    let mut reply = Vec::new();
    while !reply.ends_with(b"\r\n\r\none") {
        let mut bytes = [0; 512];
        let count = stream.read(&mut bytes).expect("a reply");
        assert_ne!(count, 0, "closed after {}", String::from_utf8_lossy(&reply));
        reply.extend_from_slice(&bytes[..count]);
    }
}

/// Whether the server has closed a connection that is silent.
fn is_closed(stream: &mut TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let read = stream.read(&mut [0]);
    stream.set_nonblocking(false).unwrap();
    match read {
        Ok(count) => count == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    }
}

fn assert_answers(at: SocketAddr) {
    let reply = ask(at, "GET", "/name", &[]);
    assert_eq!((reply.status, reply.body.as_str()), (200, "one"));
}

#[test]
fn idle_connections_make_room() {
    let server = server(MAX_CONNECTIONS);
    let at = server.local_addr();
    let mut idle: Vec<_> = (0..MAX_CONNECTIONS).map(|_| connect(at)).collect();
    idle.iter_mut().for_each(answered);
    // The first has used its connection last: the second and its successors go before it.
    answered(&mut idle[0]);
    for _ in 0..8 {
        assert_answers(at);
    }
    let closed = idle.iter_mut().map(is_closed).collect::<Vec<_>>();
    let (earlier, later) = closed.split_at(MAX_CONNECTIONS / 2);
    assert!(!closed[0] && earlier.contains(&true), "{closed:?}");
    assert!(!later.contains(&true), "{closed:?}");
}

#[test]
fn half_sent_heads_make_room() {
    let server = server(MAX_CONNECTIONS);
    let at = server.local_addr();
    let mut half: Vec<_> = (0..MAX_CONNECTIONS).map(|_| connect(at)).collect();
    let line = b"GET /name HTTP/1.1\r\nHost: localhost\r\n";
    half.iter_mut()
        .for_each(|stream| stream.write_all(line).unwrap());
    for _ in 0..4 {
        // A client that continues its head has waited as long.
        for stream in &mut half {
            let _ = stream.write_all(b"X-Trickle: 5678901234567890123456\r\n");
        }
        assert_answers(at);
    }
}

#[test]
fn requests_in_progress_are_not_cut() {
    let server = server(4);
    let at = server.local_addr();
    let mut in_progress: Vec<_> = (0..3).map(|_| connect(at)).collect();
    for stream in &mut in_progress {
        let request = b"GET /held/room HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request).unwrap();
    }
    ENTERED.wait_for("room", 3);
    let mut idle = connect(at);
    answered(&mut idle);
    assert_answers(at);
    assert!(is_closed(&mut idle));
    for stream in &mut in_progress {
        let reply = read_to_end(stream).expect("the reply of its own timeout");
        assert_eq!(reply.status, 503, "{reply:?}");
    }
}

#[test]
fn a_client_waits_for_a_request_in_progress() {
    let server = server(1);
    let at = server.local_addr();
    let mut busy = connect(at);
    // The connection stays open after the reply.
    busy.write_all(b"GET /held/only HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    ENTERED.wait_for("only", 1);
    assert_answers(at);
    let reply = read_to_end(&mut busy).expect("a whole reply before the end");
    assert_eq!(reply.status, 503, "{reply:?}");
    assert!(reply.body.contains("within 300ms"), "{reply:?}");
}

#[test]
fn half_sent_heads_do_not_delay_a_stop() {
    let limits = Limits::default()
        .with_header_read_timeout(LONG)
        .with_graceful_shutdown_timeout(LONG);
    let server = builder().limits(limits).start().unwrap();
    let at = server.local_addr();
    let mut fresh = connect(at);
    fresh.write_all(b"GET /name HTTP/1.1\r\nHo").unwrap();
    let mut second = connect(at);
    answered(&mut second);
    second.write_all(b"GET /name HTTP/1.1\r\nHo").unwrap();
    // So that both are accepted and read before the stop.
    assert_answers(at);
    let stopped = thread::spawn(move || server.stop());
    for stream in [&mut fresh, &mut second] {
        assert!(read_to_end(stream).is_none());
    }
    stopped.join().unwrap();
}

#[test]
fn a_sync_handler_is_answered_during_a_stop() {
    let server = builder().start().unwrap();
    let at = server.local_addr();
    let asked = thread::spawn(move || ask(at, "GET", "/pausing/stop", &[]));
    ENTERED.wait_for("stop-pausing", 1);
    server.stop();
    let reply = asked.join().unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (200, "paused"));
}
