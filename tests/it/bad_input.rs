//! Broken and malicious clients: none of them stops or blocks the server, or leaks its memory.

use std::io::Write;
use std::time::Duration;

use admin_runtime::Limits;
use admin_tests::{ask, connect, raw, read_to_end};

use crate::{builder, started};

#[test]
fn bytes_other_than_http_are_refused() {
    let server = started();
    let at = server.local_addr();
    for bytes in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(),
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"hello\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /env HTTP/9.9\r\n\r\n",
        b"GET /env HTTP/1.1\r\nContent-Length: -1\r\nHost: a\r\n\r\n",
    ] {
        if let Some(reply) = raw(at, bytes) {
            assert_eq!(reply.status, 400, "{reply:?}");
        }
    }
    assert_eq!(ask(at, "GET", "/env", &[]).status, 200);
}

#[test]
fn endless_headers_close_the_connection() {
    let limits = Limits::default().with_header_read_timeout(Duration::from_millis(100));
    let server = builder().limits(limits).start().unwrap();
    let mut stream = connect(server.local_addr());
    stream.write_all(b"GET /env HTTP/1.1\r\nHost: loc").unwrap();
    let closed = read_to_end(&mut stream);
    assert!(
        closed.is_none_or(|reply| reply.status == 408),
        "closed without an answer to half a request"
    );
    let mut idle = connect(server.local_addr());
    assert!(
        read_to_end(&mut idle).is_none(),
        "a connection that says nothing is closed too"
    );
}

#[test]
fn a_client_that_reads_nothing_is_closed() {
    let limits = Limits::default()
        .with_max_connections(1)
        .with_write_timeout(Duration::from_millis(100));
    let server = builder().limits(limits).start().unwrap();
    let mut stuck = connect(server.local_addr());
    stuck
        .write_all(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    // Only one connection may be open: the next is answered once the stuck one is given up.
    assert_eq!(ask(server.local_addr(), "GET", "/name", &[]).body, "one");
    drop(stuck);
}

#[test]
fn an_endless_body_is_answered_with_408() {
    let limits = Limits::default().with_body_read_timeout(Duration::from_millis(100));
    let server = builder().limits(limits).start().unwrap();
    let mut stream = connect(server.local_addr());
    stream
        .write_all(b"POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{")
        .unwrap();
    assert_eq!(read_to_end(&mut stream).unwrap().status, 408);
}

#[test]
fn connections_dropped_half_way_leave_nothing_behind() {
    let limits = Limits::default().with_max_connections(4);
    let server = builder().limits(limits).start().unwrap();
    for round in 0..64 {
        let mut stream = connect(server.local_addr());
        let part: &[u8] = match round % 4 {
            0 => b"",
            1 => b"GET /en",
            2 => b"POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\nContent-Type: application/json\r\n\r\n{",
            _ => b"GET /env HTTP/1.1\r\nHost: localhost\r\n\r\n",
        };
        let _ = stream.write_all(part);
        drop(stream);
    }
    // Only four connections may be open: were one of the 64 still held, this would not be answered.
    for _ in 0..8 {
        assert_eq!(ask(server.local_addr(), "GET", "/env", &[]).status, 200);
    }
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = started();
    let both = b"GET /name HTTP/1.1\r\nHost: a.localhost\r\n\r\nGET /teapot HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let reply = raw(server.local_addr(), both).unwrap();
    assert_eq!(reply.status, 200);
    assert!(
        reply.body.starts_with("one") && reply.body.contains("short and stout"),
        "{reply:?}"
    );
}

#[test]
fn a_target_without_path_is_refused() {
    let server = started();
    for line in [
        "CONNECT localhost:80 HTTP/1.1",
        "GET localhost:80 HTTP/1.1",
        "GET env HTTP/1.1",
        "POST metrics HTTP/1.0",
        "GET * HTTP/1.1",
        "OPTIONS * HTTP/1.1",
    ] {
        let request = format!("{line}\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let reply = raw(server.local_addr(), request.as_bytes()).expect(line);
        assert_eq!(reply.status, 400, "{line}: {reply:?}");
        assert_eq!(reply.header("x-request-id").len(), 16, "{line}: {reply:?}");
        assert!(reply.body.contains("has no path"), "{line}: {reply:?}");
    }
    assert_eq!(ask(server.local_addr(), "GET", "/env", &[]).status, 200);
}

#[test]
fn a_long_method_comes_back_shortened() {
    let server = started();
    let reply = ask(server.local_addr(), &"M".repeat(100_000), "/name", &[]);
    assert_eq!(reply.status, 405);
    let expected = format!("Method not allowed: {}... /name", "M".repeat(20));
    assert_eq!(reply.json()["error"], expected);
}

#[tokio::test]
async fn unknown_query_parameters_are_named() {
    let client = builder().build().unwrap().test_client();
    for (target, status, names) in [
        ("/periodic-threads?levl=high&b%20c", 200, "levl, b%20c"),
        ("/periodic-threads?level=x&levl=high", 400, "levl"),
        ("/periodic-threads?level=high", 200, ""),
        ("/loglevel?logger_name=a&level=info", 501, ""),
    ] {
        let reply = client.get(target).await;
        assert_eq!(reply.status().as_u16(), status, "{target}");
        assert_eq!(reply.header("x-unknown-parameters"), names, "{target}");
    }
}
