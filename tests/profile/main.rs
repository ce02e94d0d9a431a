//! Profiles of a program whose shares are known, read by `go tool pprof`.

#![allow(missing_docs, clippy::unwrap_used)]

mod busy;
mod cpu;
mod formats;
mod go_paths;
mod go_tool;
mod guide;
mod requests;
mod wall_clock;

use std::net::SocketAddr;
use std::sync::OnceLock;

use admin_runtime::{AdminServer, RunningServer};
use admin_tests::poll_until;

admin_runtime::link!(admin_endpoints);

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
