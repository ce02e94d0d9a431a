//! Blocked handlers of the application block neither the common routes nor, for long, each other.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};

use admin_tests::{ask, connect, poll_until};
use serde_json::Value;

use crate::endpoints::ENTERED;
use crate::started;

/// The runner and the workers of the user runtime: so many handlers can block at once.
const USER_THREADS: usize = 3;

fn send(address: SocketAddr, target: &str, count: usize) -> Vec<TcpStream> {
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let sent = |_| {
        let mut stream = connect(address);
        stream.write_all(request.as_bytes()).unwrap();
        stream
    };
    (0..count).map(sent).collect()
}

fn user_runtime(address: SocketAddr) -> Value {
    let index = ask(address, "GET", "/", &[]);
    serde_json::from_str::<Value>(&index.body).unwrap()["user_runtime"].take()
}

#[test]
fn blocked_user_handlers_leave_common_routes_responsive() {
    let server = started();
    let connections = send(
        server.local_addr(),
        "/wedged/two_runtimes",
        2 * USER_THREADS,
    );
    ENTERED.wait_for("two_runtimes", USER_THREADS);
    for (target, status) in [("/env", 200), ("/", 200), ("/nope", 404)] {
        let reply = ask(server.local_addr(), "GET", target, &[]);
        assert_eq!(reply.status, status, "{target}: {}", reply.body);
    }
    drop(connections);
}

#[test]
fn threads_are_added_while_handlers_block_all() {
    let server = started();
    let address = server.local_addr();
    let free = serde_json::json!({"blocked": false, "threads": USER_THREADS});
    assert_eq!(user_runtime(address), free);

    let connections = send(address, "/blocking/threads_are_added", USER_THREADS);
    ENTERED.wait_for("threads_are_added-blocking", USER_THREADS);
    let reply = ask(address, "GET", "/greet/you", &[]);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let added = serde_json::json!({"blocked": true, "threads": 2 * USER_THREADS});
    poll_until("the added threads", || {
        (user_runtime(address) == added).then_some(())
    });

    ENTERED.enter("threads_are_added-released".to_owned());
    poll_until("the threads are free", || {
        (user_runtime(address)["blocked"] == false).then_some(())
    });
    drop(connections);
}

#[test]
fn many_blocking_handlers_get_threads() {
    let server = started();
    let count = 4 * USER_THREADS;
    let connections = send(server.local_addr(), "/blocking/many", count);
    ENTERED.wait_for("many-blocking", count);
    ENTERED.enter("many-released".to_owned());
    drop(connections);
}

#[test]
fn a_server_started_again_runs_user_handlers() {
    let assembled = crate::builder().build().unwrap();
    for _ in 0..2 {
        let server = assembled.clone().start().unwrap();
        let reply = ask(server.local_addr(), "GET", "/greet/you", &[]);
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
}
