//! Starting, stopping, and what goes wrong with either.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use admin_runtime::{Limits, StartError};
use admin_tests::ask;

use crate::endpoints::{ENTERED, Name, gate};
use crate::{builder, started};

#[test]
fn a_used_port_is_an_error_naming_it() {
    let first = started();
    match builder().bind(first.local_addr()).start() {
        Err(error @ StartError::Listen { .. }) => {
            let text = error.to_string();
            assert!(text.contains(&first.local_addr().to_string()), "{text}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_invalid_address_is_a_build_error() {
    for address in ["7000", "nowhere:7000", "127.0.0.1", "localhost:many"] {
        let error = builder()
            .bind(address)
            .build()
            .expect_err(address)
            .to_string();
        assert!(
            error.contains(address) && error.contains("127.0.0.1:7000"),
            "{error}"
        );
    }
    let localhost = builder().bind("localhost:0").start().unwrap();
    assert!(localhost.local_addr().ip().is_loopback());
}

#[test]
fn two_servers_in_one_process_share_nothing() {
    let one = started();
    let two = admin_runtime::AdminServer::builder()
        .state(Name("two"))
        .exclude("/echo/{text}")
        .bind("127.0.0.1:0")
        .start()
        .unwrap();
    assert_eq!(ask(one.local_addr(), "GET", "/name", &[]).body, "one");
    assert_eq!(ask(two.local_addr(), "GET", "/name", &[]).body, "two");
    assert_eq!(ask(one.local_addr(), "GET", "/echo/x", &[]).status, 200);
    assert_eq!(ask(two.local_addr(), "GET", "/echo/x", &[]).status, 404);
    drop(one);
    assert_eq!(ask(two.local_addr(), "GET", "/name", &[]).body, "two");
}

#[test]
fn missing_state_and_unknown_patterns_are_reported_together() {
    let error = admin_runtime::AdminServer::builder()
        .exclude("/nope")
        .exclude("POST /echo/*")
        .bind("x")
        .build()
        .expect_err("three mistakes")
        .to_string();
    for part in [
        "State<",
        "Name>",
        "it/endpoints.rs:",
        "exclude(\"/nope\")",
        "exclude(\"POST /echo/*\")",
        "bind(\"x\")",
    ] {
        assert!(error.contains(part), "{part} is not in {error}");
    }
}

#[test]
fn stopping_lets_requests_in_flight_end() {
    let server = started();
    let at = server.local_addr();
    let asked = thread::spawn(move || ask(at, "GET", "/held/graceful", &[]));
    ENTERED.wait_for("graceful", 1);
    server.stop();
    let reply = asked.join().unwrap();
    assert_eq!(
        reply.status, 503,
        "its own timeout answers, not a closed socket: {reply:?}"
    );
    assert!(TcpStream::connect(at).is_err(), "nothing listens any more");
}

#[test]
fn stopping_is_bounded_when_a_handler_never_returns() {
    let limits = Limits::default().with_graceful_shutdown_timeout(Duration::from_millis(100));
    let server = builder().limits(limits).start().unwrap();
    let at = server.local_addr();
    let client = thread::spawn(move || {
        let _ = admin_tests::raw(at, b"GET /wedged/stop HTTP/1.1\r\nHost: localhost\r\n\r\n");
    });
    ENTERED.wait_for("stop", 1);
    let began = Instant::now();
    server.stop();
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    client.join().unwrap();
}

#[test]
fn start_and_drop_work_inside_an_async_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = started();
        assert_eq!(ask(server.local_addr(), "GET", "/name", &[]).body, "one");
        drop(server);
    });
}

#[test]
fn a_sync_handler_keeps_its_permit_after_timeout() {
    let server = started();
    let at = server.local_addr();
    for _ in 0..4 {
        let reply = ask(at, "GET", "/blocked", &[]);
        assert_eq!(
            (reply.status, reply.body.as_str()),
            (503, "The handler did not answer within 100ms")
        );
    }
    let reply = ask(at, "GET", "/blocked", &[]);
    assert!(
        reply.body.starts_with("Too many requests of this kind"),
        "{reply:?}"
    );
    assert!(
        ask(at, "GET", "/sync?type=1", &[])
            .body
            .starts_with("type 1 on admin-blocking")
    );
    for _ in 0..4 {
        gate().open.send(()).unwrap();
    }
    // The four return now; the next one finds a slot and waits at the gate for its whole time.
    gate().open.send(()).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let reply = ask(at, "GET", "/blocked", &[]);
        if reply.status == 200 {
            assert_eq!(reply.body, "through");
            break;
        }
        assert!(Instant::now() < deadline, "no slot came free: {reply:?}");
    }
}
