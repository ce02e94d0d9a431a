//! Threads and processes of the common routes: they start with a server and end with the last.

use std::fs;
use std::net::SocketAddr;

use admin_endpoints::loglevel::LogLevels;
use admin_runtime::describe::{EndpointDescriptor, HandlerTask, Method, SourceLocation};
use admin_runtime::{AdminServer, Builder, Response, RunningServer, StartError};
use admin_tests::{Case, ask, cases, poll_until, send};
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry;

pub(crate) fn cases() -> Vec<Case> {
    cases![
        a_late_recorder_ends_too,
        the_timer_ends_after_the_last_lease,
        all_end_with_the_server,
        a_second_server_keeps_them,
        needed_threads_start_with_the_server,
        a_failed_start_leaves_no_thread,
        mounted_servers_end_what_they_started
    ]
}

/// How often a server starts and stops.
const RESTARTS: usize = 20;

fn builder() -> Builder {
    AdminServer::builder().bind("127.0.0.1:0")
}

/// The threads and the children of this process.
fn tasks() -> Vec<String> {
    let mut names = Vec::new();
    for task in fs::read_dir("/proc/self/task").unwrap().flatten() {
        let read = |file: &str| fs::read_to_string(task.path().join(file)).unwrap_or_default();
        names.push(read("comm").trim().to_owned());
        let children = read("children");
        names.extend(
            children
                .split_whitespace()
                .map(|child| format!("child {child}")),
        );
    }
    names.sort();
    names
}

fn is_running(name: &str) -> bool {
    tasks().iter().any(|task| task.starts_with(name))
}

/// A thread has its name a moment after its start.
fn wait_until_running(name: &str) {
    poll_until(name, || is_running(name).then_some(()));
}

/// Waits until the process is as it was.
fn end_of(before: &[String]) {
    poll_until("the end of all threads and children", || {
        (tasks() == before).then_some(())
    });
}

/// A request to every route that needs a thread or a process.
fn use_all(address: SocketAddr) {
    assert_eq!(ask(address, "GET", "/threads", &[]).status, 200);
    assert_eq!(ask(address, "GET", "/metrics", &[]).status, 200);
    let script = "--x\r\ncontent-disposition: form-data; name=\"script\"; filename=\"a\"\r\n\r\n\
        result = 1 + 1\r\n--x--\r\n";
    let multipart = ["content-type: multipart/form-data; boundary=x"];
    let reply = send(
        address,
        "POST",
        "/run_script",
        &multipart,
        script.as_bytes(),
    );
    assert_eq!((reply.status, reply.body.as_str()), (200, "2"));
    wait_until_running("child");
}

fn start() -> RunningServer {
    builder().start().unwrap()
}

/// The recorder is installed after the start, and a request starts its thread.
fn a_late_recorder_ends_too() {
    let before = tasks();
    let server = start();
    admin_endpoints::metrics::install().unwrap();
    assert_eq!(ask(server.local_addr(), "GET", "/metrics", &[]).status, 200);
    wait_until_running("admin-metrics");
    server.stop();
    end_of(&before);
}

fn the_timer_ends_after_the_last_lease() {
    let levels = LogLevels::from_spec("info").unwrap();
    registry().with(levels.filter()).init();
    levels.install().unwrap();
    let before = tasks();
    let server = start();
    for _ in 0..2 {
        let set = "/loglevel?logger_name=cache&level=DEBUG&ttl=1s";
        assert_eq!(ask(server.local_addr(), "PUT", set, &[]).status, 200);
        wait_until_running("log-level-timer");
        poll_until("the end of the timer", || {
            (!is_running("log-level-timer")).then_some(())
        });
        assert_eq!(levels.level("cache").to_string(), "info");
    }
    server.stop();
    end_of(&before);
}

fn all_end_with_the_server() {
    admin_endpoints::metrics::install().unwrap();
    let before = tasks();
    assert_eq!(before.len(), 1, "{before:?}");
    for _ in 0..RESTARTS {
        let server = start();
        use_all(server.local_addr());
        server.stop();
        end_of(&before);
    }
}

fn a_second_server_keeps_them() {
    admin_endpoints::metrics::install().unwrap();
    let before = tasks();
    let first = start();
    let second = builder().name("second").start().unwrap();
    use_all(first.local_addr());
    let child = tasks().into_iter().find(|task| task.starts_with("child"));
    first.stop();
    for thread in ["admin-thread-du", "admin-metrics", "script-zygote"] {
        assert!(is_running(thread), "{thread} has ended: {:?}", tasks());
    }
    use_all(second.local_addr());
    assert!(is_running(&child.unwrap()), "the zygote was replaced");
    second.stop();
    end_of(&before);
}

fn needed_threads_start_with_the_server() {
    admin_endpoints::metrics::install().unwrap();
    let before = tasks();
    let server = start();
    wait_until_running("admin-thread-du");
    wait_until_running("admin-metrics");
    let metrics = ask(server.local_addr(), "GET", "/metrics", &[]).body;
    for line in [
        "admin_user_runtime_blocked 0",
        "admin_user_runtime_threads 3",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{metrics}");
    }
    server.stop();
    end_of(&before);
}

fn a_failed_start_leaves_no_thread() {
    let before = tasks();
    let source = SourceLocation::new("process", module_path!(), "failing");
    // Its path makes it the last.
    let failing = EndpointDescriptor::new(Method::Get, "/zzz", source, |_| {
        Ok(HandlerTask::Blocking(Box::new(|| {
            Ok(Response::text("never"))
        })))
    })
    .with_resource(|_| Err("there is no disk".into()));
    let error = builder().endpoint(failing).start().unwrap_err();
    assert!(matches!(error, StartError::Resource { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "the admin server cannot start GET /zzz: there is no disk"
    );
    end_of(&before);
}

fn mounted_servers_end_what_they_started() {
    admin_endpoints::metrics::install().unwrap();
    let before = tasks();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = builder().build().unwrap();
    let client = server.test_client();
    drop(server);
    runtime.block_on(async {
        assert_eq!(client.get("/threads").await.status(), 200);
        assert_eq!(client.get("/metrics").await.status(), 200);
    });
    wait_until_running("admin-thread-du");
    wait_until_running("admin-metrics");
    drop(client);
    drop(runtime);
    end_of(&before);
}
