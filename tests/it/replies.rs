//! Replies arrive, whatever the client does with its side of the connection.

use std::io::Write;
use std::net::Shutdown;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use admin_runtime::{Limits, Response, admin_endpoint};
use admin_tests::{ask, connect, poll_until, raw, read_to_end};
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::refused_requests::INVALID_HEADS;
use crate::{builder, started};

/// Requests of `/waiting` in progress.
static WAITING: AtomicUsize = AtomicUsize::new(0);

struct Waiting;

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Does not answer before its limit of time.
#[admin_endpoint(path = "/waiting", timeout = "60s")]
async fn waiting() -> String {
    WAITING.fetch_add(1, Ordering::SeqCst);
    let _waiting = Waiting;
    std::future::pending().await
}

/// A stream that panics outside the handler.
#[admin_endpoint(path = "/panicking-stream")]
async fn panicking_stream() -> Response {
    let chunks = futures_util::stream::poll_fn(|_| panic!("in a dependency"));
    Response::stream("text/plain; charset=utf-8", chunks)
}

/// `http.client` reads nothing before it has written the whole body.
const POST_8_MIB: &str = r#"
import http.client, sys
for _ in range(10):
    client = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=20)
    headers = {"Content-Type": "application/json"}
    client.request("POST", "/json", body=b" " * (8 << 20), headers=headers)
    reply = client.getresponse()
    print(reply.status, len(reply.read()) > 0)
"#;

#[test]
fn python_reads_the_413_after_writing() {
    let server = started();
    let output = Command::new("python3")
        .args(["-c", POST_8_MIB, &server.local_addr().port().to_string()])
        .output()
        .expect("python3 is installed");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed, "413 True\n".repeat(10), "{output:?}");
}

#[test]
fn an_endless_refused_body_is_discarded_briefly() {
    let limits = Limits::default().with_discard_timeout(Duration::from_millis(200));
    let server = builder().limits(limits).start().unwrap();
    let mut stream = connect(server.local_addr());
    let head = "POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let began = Instant::now();
    while stream.write_all(&[b' '; 1024]).is_ok() {
        assert!(began.elapsed() < Duration::from_secs(20), "never closed");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(began.elapsed() > Duration::from_millis(150));
}

#[test]
fn a_half_closed_connection_is_answered() {
    let server = started();
    for target in ["/env", "/threads", "/name", "/", "/slow", "/openapi.json"] {
        for _ in 0..5 {
            let mut stream = connect(server.local_addr());
            let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            stream.write_all(request.as_bytes()).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            let reply = read_to_end(&mut stream).expect(target);
            let expected = if target == "/slow" { 503 } else { 200 };
            assert_eq!(reply.status, expected, "{target}: {reply:?}");
        }
    }
}

#[test]
fn nc_reads_the_reply() {
    let server = started();
    let port = server.local_addr().port();
    let request = r"printf 'GET /threads HTTP/1.1\r\nHost: localhost\r\n\r\n'";
    for client in ["nc -N 127.0.0.1", "nc -q 5 127.0.0.1"] {
        let output = Command::new("sh")
            .args(["-c", &format!("{request} | timeout 20 {client} {port}")])
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        if errors.contains("not found") || errors.contains("invalid option") {
            println!("skipped: {client}: {errors}");
            continue;
        }
        let reply = String::from_utf8_lossy(&output.stdout);
        assert!(reply.starts_with("HTTP/1.1 200 OK"), "{client}: {output:?}");
    }
}

#[test]
fn only_a_reset_drops_the_request() {
    let server = started();
    let request = b"GET /waiting HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut stream = connect(server.local_addr());
    stream.write_all(request).unwrap();
    poll_until("the handler", || {
        (WAITING.load(Ordering::SeqCst) == 1).then_some(())
    });
    stream.shutdown(Shutdown::Write).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(WAITING.load(Ordering::SeqCst), 1, "it waits for the reply");
    let linger = Some(Duration::ZERO);
    rustix::net::sockopt::set_socket_linger(&stream, linger).unwrap();
    drop(stream);
    poll_until("the drop", || {
        (WAITING.load(Ordering::SeqCst) == 0).then_some(())
    });
}

#[test]
fn rejected_connections_are_counted_by_reason() {
    let metrics = PrometheusBuilder::new().install_recorder().unwrap();
    let server = started();
    let at = server.local_addr();
    let count = |reason: &str| {
        let line = format!("admin_connections_rejected_total{{reason=\"{reason}\"}} ");
        let text = metrics.render();
        let found = text.lines().find_map(|text| text.strip_prefix(&line));
        found.map_or(0, |count| count.parse::<u64>().unwrap())
    };
    let counts_one = |reason: &str, request: &str| {
        let before = count(reason);
        let reply = raw(at, request.as_bytes());
        poll_until(reason, || (count(reason) > before).then_some(()));
        reply
    };
    let long = format!(
        "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "x".repeat(70_000)
    );
    assert_eq!(counts_one("head_too_large", &long).unwrap().status, 414);
    let two_lengths =
        "POST /json HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n";
    assert_eq!(counts_one("head_invalid", two_lengths).unwrap().status, 400);
    counts_one(
        "panic",
        "GET /panicking-stream HTTP/1.1\r\nHost: localhost\r\n\r\n",
    );
    let http2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    assert_eq!(counts_one("head_invalid", http2).unwrap().status, 505);
    for request in INVALID_HEADS {
        let reply = counts_one("head_invalid", request).expect(request);
        assert_eq!(reply.status, 400, "{request:?}: {reply:?}");
    }
    assert_eq!(ask(at, "GET", "/name", &[]).status, 200);
    let invalid_chunk = "POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    let not_found = format!(
        "POST /none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999\r\n\r\n{}",
        "x".repeat(50_000)
    );
    for (request, status) in [(invalid_chunk, 400), (not_found.as_str(), 404)] {
        assert_eq!(counts_one("body_unread", request).unwrap().status, status);
    }
    // A body that was read, or that came whole.
    let before = count("body_unread");
    for request in [
        "POST /json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        "POST /none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
    ] {
        raw(at, request.as_bytes()).unwrap();
    }
    assert_eq!(count("body_unread"), before);
    drop(server);

    let moment = Duration::from_millis(50);
    let limits = Limits::default()
        .with_header_read_timeout(moment)
        .with_write_timeout(moment)
        .with_max_connections(1);
    let server = builder().limits(limits).start().unwrap();
    let at = server.local_addr();
    let counts_end = |reason: &str, sent: &str| {
        let before = count(reason);
        let mut stream = connect(at);
        stream.write_all(sent.as_bytes()).unwrap();
        poll_until(reason, || (count(reason) > before).then_some(()));
    };
    counts_end("idle_timeout", "");
    counts_end(
        "idle_timeout",
        "GET /name HTTP/1.1\r\nHost: localhost\r\n\r\n",
    );
    counts_end("head_timeout", "GET /name HTTP/1.1\r\nHo");
    counts_end(
        "write_timeout",
        "GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n",
    );
    drop(server);

    let limits = Limits::default().with_max_connections(1);
    let server = builder().limits(limits).start().unwrap();
    let before = count("connection_limit");
    let _idle = connect(server.local_addr());
    assert_eq!(ask(server.local_addr(), "GET", "/name", &[]).status, 200);
    assert!(count("connection_limit") > before);
}

#[test]
fn large_heads_are_refused_with_a_body() {
    let server = started();
    let at = server.local_addr();
    let many: Vec<String> = (0..101).map(|number| format!("X-{number}: 1")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(ask(at, "GET", "/name", &many[..90]).status, 200);
    let large = format!("X-Large: {}", "x".repeat(40 << 10));
    let long = format!("/{}", "x".repeat(60_000));
    for (status, reply) in [
        (431, ask(at, "GET", "/name", &[&large])),
        (431, ask(at, "GET", "/name", &many)),
        (414, ask(at, "GET", &long, &[])),
    ] {
        assert_eq!(reply.status, status);
        assert!(!reply.header("x-request-id").is_empty(), "{reply:?}");
        assert!(!reply.body.is_empty(), "{reply:?}");
    }
}

#[test]
fn a_503_says_when_to_retry() {
    let server = started();
    let reply = ask(server.local_addr(), "GET", "/slow", &[]);
    assert_eq!((reply.status, reply.header("retry-after")), (503, "1"));
    let reply = ask(server.local_addr(), "GET", "/name", &[]);
    assert_eq!(reply.header("retry-after"), "");
}

#[test]
fn no_reply_is_stored_or_sniffed() {
    let server = started();
    for target in [
        "/env",
        "/threads",
        "/name",
        "/",
        "/openapi.json",
        "/nothing",
    ] {
        let reply = ask(server.local_addr(), "GET", target, &[]);
        assert_eq!(
            reply.header("x-content-type-options"),
            "nosniff",
            "{target}"
        );
        assert_eq!(reply.header("cache-control"), "no-store", "{target}");
    }
}
