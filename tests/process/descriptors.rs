//! A program that has used up its descriptors.

use std::fs::File;
use std::io::Write;
use std::time::Duration;

use admin_runtime::AdminServer;
use admin_tests::{Case, Program, ask, cases, connect, poll_until, read_to_end, wait_for_input};

use crate::client;
use crate::limits::set_limit;

pub(crate) fn cases() -> Vec<Case> {
    let program = "descriptors::use_up_all";
    vec![
        client("no_descriptor", program, clients_are_answered),
        client("no_descriptor_and_busy", program, the_loop_does_not_spin),
    ]
}

pub(crate) fn programs() -> Vec<Case> {
    cases![use_up_all]
}

/// Descriptors in reserve for the admin port.
const RESERVED: usize = 5;

/// In the program: serves, prints its address, uses up all descriptors and waits for the end.
fn use_up_all() {
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(std::io::stdout)
        .init();
    set_limit(libc::RLIMIT_NOFILE, 256);
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    let address = server.local_addr();
    let mut files = Vec::new();
    let error = loop {
        match File::open("/dev/null") {
            Ok(file) => files.push(file),
            Err(error) => break error,
        }
    };
    assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
    println!("ready at\n{address}");
    wait_for_input();
    assert!(File::open("/dev/null").is_err(), "the program has no more");
    files.clear();
    println!("free");
    wait_for_input();
    drop(server);
}

fn address(program: &mut Program) -> std::net::SocketAddr {
    while program.line() != "ready at" {}
    program.address()
}

/// In the client.
fn clients_are_answered(program: &mut Program) {
    let at = address(program);
    for _ in 0..50 {
        assert_eq!(ask(at, "GET", "/name", &[]).body, "one");
    }
    for path in ["/", "/env", "/periodic-threads", "/openapi.json"] {
        assert_eq!(ask(at, "GET", path, &[]).status, 200, "{path}");
    }
    // A client that would keep its connection is told that it ends.
    let mut keeps = connect(at);
    keeps
        .write_all(b"GET /name HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    let reply = read_to_end(&mut keeps).unwrap();
    assert_eq!(
        (reply.body.as_str(), reply.header("connection")),
        ("one", "close")
    );
    // The reserve is bounded; the clients that have waited longest make room.
    let silent: Vec<_> = (0..3 * RESERVED).map(|_| connect(at)).collect();
    for _ in 0..10 {
        assert_eq!(ask(at, "GET", "/name", &[]).body, "one");
    }
    drop(silent);
    program.go_on();
    let log = program.rest();
    let warnings = log.matches("cannot accept a connection").count();
    assert!(warnings <= 1, "{log}");
}

/// In the client: all of the reserve serves requests in progress, and one more client connects.
fn the_loop_does_not_spin(program: &mut Program) {
    let at = address(program);
    let mut busy: Vec<_> = (0..RESERVED).map(|_| connect(at)).collect();
    for stream in &mut busy {
        let request = b"GET /waiting HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(request).unwrap();
    }
    let mut one_more = connect(at);
    one_more
        .write_all(b"GET /name HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let before = program.ticks();
    std::thread::sleep(Duration::from_secs(1));
    let used = program.ticks() - before;
    assert!(used < 30, "{used} ticks in one second");
    // Requests in progress are not cut, and the end of one makes room.
    let reset = busy.pop().unwrap();
    rustix::net::sockopt::set_socket_linger(&reset, Some(Duration::ZERO)).unwrap();
    drop(reset);
    let reply = read_to_end(&mut one_more).expect("a reply");
    assert_eq!(reply.body, "one");
    program.go_on();
    while program.line() != "free" {}
    // Beside the requests in progress, all is as before.
    poll_until("keep-alive", || {
        let mut stream = connect(at);
        stream
            .write_all(b"GET /name HTTP/1.0\r\nHost: localhost\r\n\r\n")
            .unwrap();
        read_to_end(&mut stream).map(|reply| assert_eq!(reply.body, "one"))
    });
    let log = program.rest();
    assert!(log.matches("cannot accept a connection").count() <= 1);
}
