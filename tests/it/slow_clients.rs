//! Clients that keep the server waiting: other clients and a stop do not wait for them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use admin_runtime::{Limits, RunningServer};
use admin_tests::{ask, connect, poll_until, send};

use crate::builder;
use crate::endpoints::ENTERED;

/// Longer than the test client waits: no timeout of the server helps.
const LONG: Duration = Duration::from_secs(600);

/// The server says when it waits for the body.
const HALF_SENT_BODY: &str = "POST /json HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\
    Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n";

const ENDLESS_REPLY: &str = "GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn patient_limits() -> Limits {
    Limits::default()
        .with_header_read_timeout(LONG)
        .with_body_read_timeout(LONG)
        .with_write_timeout(LONG)
        .with_graceful_shutdown_timeout(LONG)
}

fn server(max_connections: usize) -> RunningServer {
    let limits = patient_limits().with_max_connections(max_connections);
    builder().limits(limits).start().unwrap()
}

fn clients(at: SocketAddr, count: usize, request: &str) -> Vec<TcpStream> {
    let client = |_| {
        let mut client = connect(at);
        client.write_all(request.as_bytes()).unwrap();
        client
    };
    (0..count).map(client).collect()
}

fn assert_answers(at: SocketAddr) {
    let reply = ask(at, "GET", "/name", &[]);
    assert_eq!((reply.status, reply.body.as_str()), (200, "one"));
}

/// Until the client has got a byte of its reply.
fn begin_reply(client: &mut TcpStream) {
    client.read_exact(&mut [0]).expect("a reply begins");
}

#[test]
fn half_sent_bodies_make_room() {
    let server = server(256);
    let at = server.local_addr();
    let mut half = clients(at, 256, HALF_SENT_BODY);
    half.iter_mut().for_each(begin_reply);
    for _ in 0..4 {
        for client in &mut half {
            let _ = client.write_all(b"trickle 901234567890123456789012345");
        }
        assert_answers(at);
    }
}

#[test]
fn clients_that_read_nothing_make_room() {
    let pipelined = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(200);
    for request in [pipelined.as_str(), ENDLESS_REPLY] {
        let server = server(64);
        let at = server.local_addr();
        let mut stalled = clients(at, 64, request);
        stalled.iter_mut().for_each(begin_reply);
        for _ in 0..4 {
            assert_answers(at);
        }
    }
}

#[test]
fn slow_clients_do_not_delay_a_stop() {
    let server = builder().limits(patient_limits()).start().unwrap();
    let at = server.local_addr();
    let mut half_sent = clients(at, 4, HALF_SENT_BODY);
    half_sent.iter_mut().for_each(begin_reply);
    let mut chunked =
        "POST /change HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned();
    chunked.push_str("5\r\nhal");
    half_sent.extend(clients(at, 4, &chunked));
    let mut stalled = clients(at, 4, ENDLESS_REPLY);
    stalled.iter_mut().for_each(begin_reply);
    // Its reply is sent, and the rest of its body discarded.
    let mut refused = clients(at, 1, &HALF_SENT_BODY.replace("1000000", "9999999"));
    refused.iter_mut().for_each(begin_reply);
    let asked = thread::spawn(move || ask(at, "GET", "/pausing/slow", &[]));
    ENTERED.wait_for("slow-pausing", 1);
    server.stop();
    for client in &mut half_sent {
        let mut rest = String::new();
        client.read_to_string(&mut rest).expect("it is closed");
        assert!(rest.contains("HTTP/1.1 503 "), "never a bare end: {rest}");
        assert!(rest.contains("\r\nretry-after: 1\r\n"), "{rest}");
    }
    let reply = asked.join().unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (200, "paused"));
}

/// Until the server waits for its body of this length.
fn announce(at: SocketAddr, length: usize) -> TcpStream {
    let mut stream = connect(at);
    let head = format!(
        "POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Expect: 100-continue\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut reply = [0; 25];
    stream.read_exact(&mut reply).unwrap();
    assert_eq!(&reply, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[test]
fn bodies_beyond_the_budget_are_refused() {
    let limits = Limits::default()
        .with_max_body_bytes(1 << 20)
        .with_max_buffered_body_bytes(1 << 20);
    let server = builder().limits(limits).start().unwrap();
    let at = server.local_addr();
    let mut json = br#"{"text":"x","number":null,"flag":true,"tag":[]}"#.to_vec();
    json.resize(100 << 10, b' ');
    let header = ["Content-Type: application/json"];
    let first = announce(at, 1 << 20);
    let refused = send(at, "POST", "/json", &header, &json);
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(ask(at, "GET", "/name", &[]).status, 200, "it has no body");
    drop(first);
    poll_until("the budget of the first body", || {
        let reply = send(at, "POST", "/json", &header, &json);
        (reply.status == 200).then_some(())
    });
}

#[test]
fn reads_do_not_wait_for_bodies() {
    let server = server(8);
    let at = server.local_addr();
    for framing in ["Content-Length: 900000", "Transfer-Encoding: chunked"] {
        let request = format!("GET /name HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n");
        let mut slow = clients(at, 8, &request);
        for client in &mut slow {
            let mut reply = [0; 12];
            client.read_exact(&mut reply).unwrap();
            assert_eq!(&reply, b"HTTP/1.1 200");
        }
        assert_answers(at);
    }
}
