//! Profiles: their formats, of a program whose shares are known, and of programs that disturb them.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests, which print what they measured"
)]

mod busy;
mod cpu;
mod formats;
mod go_paths;
mod go_tool;
mod guide;
mod process;
mod requests;
mod stress;
mod wall_clock;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::OnceLock;

use admin_runtime::{AdminServer, RunningServer};
use admin_tests::{poll_until, run_cases};

admin_runtime::link!(admin_endpoints);

fn main() -> ExitCode {
    let mut cases = cpu::cases();
    cases.extend(formats::cases());
    cases.extend(go_paths::cases());
    cases.extend(guide::cases());
    cases.extend(process::cases());
    cases.extend(requests::cases());
    cases.extend(stress::cases());
    cases.extend(wall_clock::cases());
    run_cases(cases, Vec::new())
}

/// The server of a process with the busy threads.
fn address() -> SocketAddr {
    static SERVER: OnceLock<RunningServer> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        busy::start();
        AdminServer::builder().bind("127.0.0.1:0").start().unwrap()
    });
    server.local_addr()
}

/// The URL of a profile.
fn url(target: &str) -> String {
    format!("http://{}{target}", address())
}

/// The body of a profile; while other tests make as many as are allowed, it is asked for again.
fn profile(target: &str) -> Vec<u8> {
    poll_until("a session", || {
        let mut reply = match ureq::get(url(target)).call() {
            Ok(reply) => reply,
            Err(ureq::Error::StatusCode(429)) => return None,
            Err(error) => panic!("{target}: {error}"),
        };
        Some(
            reply
                .body_mut()
                .with_config()
                .limit(1 << 30)
                .read_to_vec()
                .unwrap(),
        )
    })
}
