//! Servers that do not start.

use std::net::TcpListener;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use admin_runtime::listener::Listener;
use admin_runtime::{AdminServer, Builder, StartError, log_queue};
use admin_tests::{CapturedLog, Case, cases, poll_until};

use crate::limits::{set_limit, threads};

pub(crate) fn cases() -> Vec<Case> {
    cases![
        no_thread,
        no_thread_for_several_listeners,
        no_thread_inside_a_runtime,
        port_taken,
        second_periodic_set,
    ]
}

/// Limits of threads that are tried before the server must have started.
const TRIED_LIMITS: u64 = 40;

/// Becomes a user that has nothing else running: the limit does not apply to root.
pub(crate) fn become_another_user() {
    let user = 50_000 + std::process::id() % 10_000;
    // SAFETY: these change the user of this process, which has one thread.
    unsafe {
        if libc::geteuid() == 0 {
            assert_eq!(libc::setgroups(0, std::ptr::null()), 0);
            assert_eq!(libc::setgid(user), 0);
            assert_eq!(libc::setuid(user), 0);
        }
    }
}

pub(crate) fn count_panics() -> Arc<AtomicUsize> {
    let panics = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&panics);
    panic::set_hook(Box::new(move |panic| {
        counted.fetch_add(1, Ordering::SeqCst);
        println!("{panic}");
    }));
    panics
}

/// Starts with more and more threads allowed; the number of failed starts before the first success.
fn start_until_it_works(builder: impl Fn() -> Builder) -> u64 {
    for failures in 0..TRIED_LIMITS {
        set_limit(libc::RLIMIT_NPROC, 1 + failures);
        match builder().start() {
            Ok(server) => {
                drop(server);
                return failures;
            }
            Err(StartError::Runtime(error)) => {
                assert_eq!(error.raw_os_error(), Some(libc::EAGAIN), "{error}");
            }
            Err(StartError::Periodic(error)) => {
                assert!(error.to_string().contains("cannot create an OS thread"));
            }
            Err(StartError::Resource { source, .. }) => {
                assert!(source.to_string().contains("could not be started"));
            }
            Err(error) => panic!("{error}"),
        }
        poll_until("the end of all threads", || {
            (threads().len() == 1).then_some(())
        });
    }
    panic!("no limit up to {TRIED_LIMITS} suffices");
}

fn on_one_address() -> Builder {
    AdminServer::builder().bind("127.0.0.1:0")
}

/// With a file of tokens, which a thread of its own reads again.
fn no_thread_for_several_listeners() {
    become_another_user();
    let panics = count_panics();
    let name = format!("admin-no-thread-{}", std::process::id());
    let [tokens, socket] = ["tokens", "sock"].map(|kind| {
        let file = format!("{name}.{kind}");
        std::env::temp_dir().join(file)
    });
    std::fs::write(&tokens, "ops write s3cret").unwrap();
    let failures = start_until_it_works(|| {
        AdminServer::builder()
            .token_file(&tokens)
            .listen(Listener::tcp("127.0.0.1:0"))
            .listen(Listener::tcp("[::1]:0"))
            .listen(Listener::unix(&socket))
    });
    assert!(failures > 3, "{failures}");
    assert_eq!(panics.load(Ordering::SeqCst), 0);
    assert!(!socket.exists(), "a failed start leaves no file");
    std::fs::remove_file(tokens).unwrap();
}

fn no_thread() {
    become_another_user();
    let panics = count_panics();
    let failures = start_until_it_works(on_one_address);
    assert!(failures > 3, "{failures}");
    assert_eq!(panics.load(Ordering::SeqCst), 0);
}

fn no_thread_inside_a_runtime() {
    become_another_user();
    let panics = count_panics();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let failures = runtime.block_on(async { start_until_it_works(on_one_address) });
    assert!(failures > 3, "{failures}");
    assert_eq!(panics.load(Ordering::SeqCst), 0);
}

/// What this process logs.
fn log() -> CapturedLog {
    let log = CapturedLog::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    log
}

fn first_line(log: &CapturedLog) -> String {
    log.text().lines().next().expect("a line").to_owned()
}

fn port_taken() {
    let log = log();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let error = runtime.block_on(async {
        let started = AdminServer::builder().bind(address).start();
        started.expect_err("the port is taken")
    });
    assert!(matches!(error, StartError::Listen { .. }), "{error}");
    let line = first_line(&log);
    assert!(
        line.contains("ERROR") && line.contains(&address.to_string()),
        "{line}"
    );
    assert_eq!(threads().len(), 1, "{:?}", threads());
}

#[admin_runtime::periodic(interval = "1h")]
fn heartbeat() {}

fn second_periodic_set() {
    let log = log();
    let first = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    assert!(log_queue::flush(Duration::from_secs(60)));
    let _ = log.take();
    let before = threads().len();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let error = runtime.block_on(async {
        let started = AdminServer::builder().bind("127.0.0.1:0").start();
        started.expect_err("both have no name")
    });
    assert!(matches!(error, StartError::Periodic(_)), "{error}");
    let line = first_line(&log);
    assert!(
        line.contains("ERROR") && line.contains("does not start"),
        "{line}"
    );
    poll_until("the end of the threads of the second", || {
        (threads().len() == before).then_some(())
    });
    drop(first);
}
