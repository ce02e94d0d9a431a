//! Profiles of processes with other signals, many threads, forks, without symbols or short of timers.
//!
//! Each case changes its process permanently, so that each has its own: this program, started with
//! the name of the case in `PROFILE_CASE`.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

mod programs;
mod signals;
mod threads;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use admin_runtime::{AdminServer, RunningServer};
use admin_tests::ask;

admin_runtime::link!(admin_endpoints);

const CASES: [(&str, fn()); 12] = [
    ("without_symbols", programs::without_symbols),
    ("deleted_executable", programs::deleted_executable),
    ("after_fork", programs::after_fork),
    ("own_profiling_timer", signals::own_profiling_timer),
    ("few_timers", signals::few_timers),
    ("blocked_signals", signals::blocked_signals),
    ("replaced_handler", signals::replaced_handler),
    ("timers_are_deleted", signals::timers_are_deleted),
    ("small_stacks", threads::small_stacks),
    ("many_threads", threads::many_threads),
    ("beside_dumps", threads::beside_dumps),
    ("dumps_are_sampled", threads::dumps_are_sampled),
];

fn main() {
    let case = std::env::var("PROFILE_CASE").ok();
    if let Some((_, body)) = CASES
        .iter()
        .find(|(name, _)| Some(*name) == case.as_deref())
    {
        return body();
    }
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let mut failed = false;
    for (name, _) in CASES {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part)) {
            continue;
        }
        let status = Command::new(program_of(name))
            .env("PROFILE_CASE", name)
            .status()
            .unwrap();
        println!(
            "test {name} ... {}",
            if status.success() { "ok" } else { "FAILED" }
        );
        failed |= !status.success();
    }
    assert!(!failed, "a case failed");
}

/// This program, or a copy of it without symbols, or one that may be deleted.
fn program_of(case: &str) -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let copy = program.with_extension(case);
    match case {
        "without_symbols" => {
            let mut strip = Command::new("strip");
            strip.arg("--strip-all").arg("-o").arg(&copy).arg(program);
            assert!(strip.status().unwrap().success(), "strip failed");
            copy
        }
        "deleted_executable" => {
            std::fs::copy(program, &copy).unwrap();
            copy
        }
        _ => program,
    }
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
    String::from_utf8(profile(address, &target)).unwrap()
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
