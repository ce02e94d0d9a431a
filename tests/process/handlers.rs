//! Sync handlers of a server whose process can start no further thread.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex};

use admin_runtime::{AdminServer, admin_endpoint};
use admin_tests::{Case, ask, cases, connect, read_to_end};

use crate::limits::{set_limit, threads};
use crate::start_failure::{become_another_user, count_panics};

pub(crate) fn cases() -> Vec<Case> {
    cases![no_thread_for_handlers]
}

#[derive(PartialEq)]
enum Gate {
    Closed,
    Entered,
    Open,
}

static GATE: Mutex<Gate> = Mutex::new(Gate::Closed);
static GATE_CHANGED: Condvar = Condvar::new();

fn wait_while(state: Gate) {
    let gate = GATE.lock().unwrap();
    drop(GATE_CHANGED.wait_while(gate, |gate| *gate == state));
}

fn set(state: Gate) {
    *GATE.lock().unwrap() = state;
    GATE_CHANGED.notify_all();
}

/// Blocks its thread.
#[admin_endpoint(path = "/blocked")]
fn blocked() -> &'static str {
    set(Gate::Entered);
    wait_while(Gate::Entered);
    "unblocked"
}

#[admin_endpoint(path = "/sync")]
fn sync() -> &'static str {
    "sync"
}

fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let reply = ask(address, "GET", path, &[]);
    (reply.status, reply.body)
}

fn no_thread_for_handlers() {
    become_another_user();
    let panics = count_panics();
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    let address = server.local_addr();
    set_limit(libc::RLIMIT_NPROC, threads().len() as u64);
    assert!(std::thread::Builder::new().spawn(|| ()).is_err());

    let sync = (200, "sync".to_owned());
    assert_eq!(get(address, "/sync"), sync, "its thread is there");
    let mut waiting = connect(address);
    waiting
        .write_all(b"GET /blocked HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    wait_while(Gate::Closed);
    let (status, text) = get(address, "/sync");
    assert_eq!(status, 503, "{text}");
    assert!(
        text.contains("Cannot start a thread for the handler"),
        "{text}"
    );
    assert!(text.contains("limit of threads"), "{text}");
    assert_eq!(get(address, "/name").0, 200, "others are answered");

    set(Gate::Open);
    let reply = read_to_end(&mut waiting).unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (200, "unblocked"));
    assert_eq!(get(address, "/sync"), sync, "the thread is free again");
    assert_eq!(panics.load(Ordering::SeqCst), 0);
}
