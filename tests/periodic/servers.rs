//! Several servers in one process, and servers that run no periodic threads.

use std::process::Command;

use admin_runtime::periodic::PeriodicStartError;
use admin_runtime::{AdminServer, StartError};

use crate::threads::Switch;
use crate::{EVENT_TIMEOUT, builder, get, healthy, started};

#[test]
fn each_server_runs_threads_with_its_state() {
    let (well, ill) = (Switch::default(), Switch::default());
    ill.set(Switch::FAIL);
    let (one, two) = (started("set one", &well), started("set two", &ill));
    let failing = two.periodic_threads().get("heartbeat").unwrap();
    assert!(failing.wait_until(EVENT_TIMEOUT, |status| !status.is_active));
    assert!(healthy(&one) && !healthy(&two));
}

#[test]
fn a_second_server_needs_another_name() {
    let first = started("twin", &Switch::default());
    for name in [Some("twin"), None] {
        let mut second = AdminServer::builder()
            .state(Switch::default())
            .bind("127.0.0.1:0");
        if let Some(name) = name {
            second = second.name(name);
        }
        match second.start() {
            Err(error @ StartError::Periodic(PeriodicStartError::ServerNameTaken { .. })) => {
                let text = error.to_string();
                assert!(
                    text.contains(".name(\"..\")") && text.contains(".periodic(false)"),
                    "{text}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
    drop(first);
    drop(started("twin", &Switch::default()));
}

#[test]
fn threads_start_and_stop_inside_runtimes() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let server = started("inside", &Switch::default());
        let refused = builder("inside", &Switch::default()).start();
        assert!(matches!(refused, Err(StartError::Periodic(_))));
        drop(server);
    });
}

#[test]
fn disabled_periodic_threads_need_no_state() {
    let server = AdminServer::builder()
        .periodic(false)
        .bind("127.0.0.1:0")
        .start()
        .unwrap();
    let list = get(&server, "/periodic-threads");
    assert_eq!(list["summary"]["total_count"], 0);
    assert_eq!(list["threads"].as_array().unwrap().len(), 0);
    assert!(healthy(&server));
}

#[tokio::test]
async fn threads_of_a_mounted_server_start_separately() {
    let server = builder("mounted", &Switch::default()).build().unwrap();
    let _filter = server.filter();
    assert!(
        !server.periodic_threads().health().healthy,
        "none is started"
    );
    let running = server.periodic_threads().start().unwrap();
    assert!(server.periodic_threads().health().healthy);
    let heartbeat = server.periodic_threads().get("heartbeat").unwrap();
    let ran = heartbeat.wait_until(EVENT_TIMEOUT, |status| status.total_runs > 0);
    assert!(ran, "a sync body has a thread of its own");
    let evictor = server.periodic_threads().get("evictor").unwrap();
    while evictor.status().total_runs == 0 {
        tokio::task::yield_now().await;
    }
    // Waiting for the task would block the runtime on which it must end.
    evictor.request_stop();
    while evictor.status().is_running {
        tokio::task::yield_now().await;
    }
    drop(running);
    assert!(!heartbeat.status().is_running, "they stop with the handle");
}

#[test]
fn missing_state_names_the_thread_and_place() {
    let error = AdminServer::builder().build().unwrap_err().to_string();
    for part in [
        "heartbeat at crate periodic",
        "State<periodic::threads::Switch>",
    ] {
        assert!(error.contains(part), "{part} is not in {error}");
    }
}

/// The full name of a sync thread is the name of its OS thread, as far as the kernel keeps it.
#[test]
fn a_sync_body_runs_on_a_named_thread() {
    let server = started("os thread", &Switch::default());
    let thread = server.periodic_threads().builder("replica");
    let (sent, received) = std::sync::mpsc::channel();
    let thread = thread.run(move || {
        let current = std::thread::current();
        sent.send(current.name().unwrap_or_default().to_owned())
            .expect("the test listens");
    });
    let thread = thread.unwrap();
    assert_eq!(received.recv_timeout(EVENT_TIMEOUT).unwrap(), "replica");
    let own = std::process::id().to_string();
    let listed = Command::new("ps")
        .args(["-T", "-o", "comm=", "-p", &own])
        .output()
        .expect("ps runs");
    let listed = String::from_utf8_lossy(&listed.stdout);
    assert!(
        listed.lines().any(|name| name.trim() == "replica"),
        "{listed}"
    );
    drop(thread);
}

#[tokio::test]
async fn health_says_that_nothing_started_the_threads() {
    let server = builder("not started", &Switch::default()).build().unwrap();
    let health = server.periodic_threads().health();
    let advice = health.not_started.unwrap_or_default();
    assert!(
        !health.healthy && advice.contains("server.periodic_threads().start()"),
        "{advice}"
    );
    let running = server.periodic_threads().start().unwrap();
    assert_eq!(server.periodic_threads().health().not_started, None);
    drop(running);
    assert_eq!(server.periodic_threads().health().not_started, None);
}
