//! A thread of the program that holds the lock of stderr while nobody reads the pipe behind it.

use std::io::{Write, stderr};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use admin_runtime::{AdminServer, admin_endpoint};
use admin_tests::{Case, Program, ask, cases, full_pipe, wait_for_input};

use crate::client;

pub(crate) fn cases() -> Vec<Case> {
    let program = "stderr_lock::hold_lock_and_serve";
    vec![client(
        "stderr_is_locked",
        program,
        routes_answer_and_it_ends,
    )]
}

pub(crate) fn programs() -> Vec<Case> {
    cases![hold_lock_and_serve]
}

/// What a stop may take.
const MAX_STOP_TIME: Duration = Duration::from_secs(10);

#[admin_endpoint(method = "POST", path = "/change")]
async fn change() {}

/// Logs to stderr, whose lock is taken for the life of the process.
fn hold_lock_and_serve() {
    let (unread, pipe) = full_pipe();
    // SAFETY: both numbers are open descriptors of this process.
    assert_eq!(unsafe { libc::dup2(pipe.as_raw_fd(), 2) }, 2);
    tracing_subscriber::fmt().with_writer(stderr).init();
    let (locked, has_lock) = std::sync::mpsc::channel();
    std::thread::Builder::new()
        .spawn(move || {
            let mut stderr = stderr().lock();
            locked.send(()).unwrap();
            let _ = stderr.write_all(b"nobody reads this\n");
        })
        .unwrap();
    has_lock.recv().unwrap();
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    println!("{}", server.local_addr());
    wait_for_input();
    let began = Instant::now();
    server.stop();
    println!("{}", began.elapsed() < MAX_STOP_TIME);
    drop(unread);
}

fn routes_answer_and_it_ends(program: &mut Program) {
    let address: SocketAddr = program.address();
    for _ in 0..10 {
        assert_eq!(ask(address, "POST", "/change", &[]).status, 204);
        let refused = ask(address, "POST", "/change", &["Origin: http://evil.example"]);
        assert_eq!(refused.status, 403);
    }
    assert_eq!(ask(address, "GET", "/", &[]).status, 200);
    assert_eq!(program.rest().trim(), "true");
}
