//! Profiles of processes with other signals, many threads, forks, without symbols or short of timers.

mod programs;
mod signals;
mod stacks;
mod threads;

use std::net::SocketAddr;

use admin_runtime::{AdminServer, RunningServer};
use admin_tests::{Case, ask};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = programs::cases();
    cases.extend(signals::cases());
    cases.extend(stacks::cases());
    cases.extend(threads::cases());
    cases
}

fn started() -> RunningServer {
    AdminServer::builder().bind("127.0.0.1:0").start().unwrap()
}

/// The body of a profile.
#[track_caller]
fn profile(address: SocketAddr, target: &str) -> Vec<u8> {
    let mut reply = ureq::get(format!("http://{address}{target}"))
        .call()
        .unwrap();
    reply.body_mut().read_to_vec().unwrap()
}

/// The lines of a profile: stacks and counts.
#[track_caller]
fn lines(address: SocketAddr, target: &str) -> Vec<(String, u64)> {
    let text = String::from_utf8(profile(address, target)).unwrap();
    let parsed = text.lines().map(|line| {
        let (stack, count) = line.rsplit_once(' ').unwrap();
        (stack.to_owned(), count.parse().unwrap())
    });
    parsed.collect()
}

/// What a CPU profile of a second says that it lacks: the notes of its flame graph.
#[track_caller]
fn notes(address: SocketAddr, parameters: &str) -> String {
    let target = format!("/debug/pprof/profile?seconds=1&format=svg{parameters}");
    notes_of(&profile(address, &target))
}

/// The notes of a flame graph, in one line.
#[track_caller]
fn notes_of(svg: &[u8]) -> String {
    let svg = std::str::from_utf8(svg).unwrap();
    let lines = svg.split(r##"fill="#555">"##).skip(1);
    let texts = lines.map(|line| line.split_once("</text>").unwrap().0);
    texts.collect::<Vec<_>>().join(" ")
}

/// The server answers as if nothing had been.
fn assert_alive(address: SocketAddr) {
    let reply = ask(address, "GET", "/threads", &[]);
    assert_eq!(reply.status, 200, "{reply:?}");
}

/// Uses the CPU until the process ends.
#[inline(never)]
fn burn_in_known_function() {
    let mut value = 1_u64;
    loop {
        value = std::hint::black_box(value.wrapping_mul(3));
    }
}

fn has_known_function(lines: &[(String, u64)]) -> bool {
    lines
        .iter()
        .any(|(stack, _)| stack.contains("burn_in_known_function"))
}
