//! The cases in which the original reports the wrong health, as a client sees them. The seventh, a
//! wall clock that is set, needs a clock that a test can set: it is a test of the engine.

use std::sync::mpsc::channel;
use std::time::Duration;

use admin_runtime::periodic::Criticality;

use crate::threads::Switch;
use crate::{EVENT_TIMEOUT, builder, get, healthy, started};

#[test]
fn a_critical_thread_died_of_a_fatal_error() {
    let switch = Switch::default();
    let server = started("died", &switch);
    assert!(healthy(&server));
    switch.set(Switch::DIE);
    let thread = server.periodic_threads().get("heartbeat").unwrap();
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| !status.is_running));
    let one = get(&server, "/periodic-threads/heartbeat");
    assert_eq!(
        (&one["state"], &one["is_running"]),
        (&"dead".into(), &false.into())
    );
    assert_eq!(one["last_summary"]["message"], "the scheduler is gone");
    assert!(!healthy(&server));
}

#[test]
fn a_critical_thread_fails_every_run() {
    let switch = Switch::default();
    switch.set(Switch::FAIL);
    let server = started("fails", &switch);
    let thread = server.periodic_threads().get("heartbeat").unwrap();
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.consecutive_failures >= 3));
    let one = get(&server, "/periodic-threads/heartbeat");
    assert_eq!(
        (&one["state"], &one["is_running"]),
        (&"failing".into(), &true.into())
    );
    assert!(!healthy(&server));
    switch.set(0);
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.consecutive_failures == 0));
    assert!(healthy(&server), "it recovers without a restart");
}

#[test]
fn a_long_run_keeps_a_thread_active() {
    let server = started("slow", &Switch::default());
    let (open, gate) = channel::<()>();
    let builder = server
        .periodic_threads()
        .builder("slow")
        .level(Criticality::Critical);
    let slow = builder
        .interval(Duration::from_millis(100))
        .timeout(Duration::from_secs(2));
    let slow = slow
        .run(move || gate.recv_timeout(EVENT_TIMEOUT).unwrap_or(()))
        .unwrap();
    let a_second = Some(Duration::from_secs(1));
    let busy = slow.wait_until(EVENT_TIMEOUT, |status| {
        assert!(status.is_active, "{status:?}");
        // Nothing changes inside a run: what ends the wait is the clock.
        status.last_run_ago.is_some()
    });
    assert!(busy);
    while slow.status().last_run_ago < a_second {
        assert!(healthy(&server), "{:?}", slow.status());
        std::thread::yield_now();
    }
    assert!(slow.wait_until(EVENT_TIMEOUT, |status| !status.is_active));
    let one = get(&server, "/periodic-threads/slow");
    assert_eq!(one["state"], "stuck");
    assert!(one["last_run_ago"].as_f64() >= Some(2.0));
    assert!(!healthy(&server));
    open.send(()).unwrap();
    assert!(slow.wait_until(EVENT_TIMEOUT, |status| status.is_active));
    assert!(healthy(&server));
    drop(open);
}

#[test]
fn a_stop_that_times_out_starts_nothing() {
    let server = started("busy", &Switch::default());
    let (open, gate) = channel::<()>();
    let busy = server
        .periodic_threads()
        .builder("busy-thread")
        .level(Criticality::Critical);
    let busy = busy
        .run(move || gate.recv_timeout(EVENT_TIMEOUT).unwrap_or(()))
        .unwrap();
    assert!(busy.wait_until(EVENT_TIMEOUT, |status| status.last_run_ago.is_some()));
    busy.stop(Duration::from_millis(10)).unwrap_err();
    busy.start().unwrap_err();
    assert_eq!(os_threads("busy-thread"), 1);
    assert_eq!(
        get(&server, "/periodic-threads/busy-thread")["state"],
        "stopping"
    );
    open.send(()).unwrap();
    busy.stop(EVENT_TIMEOUT).unwrap();
    busy.start().unwrap();
    assert!(busy.wait_until(EVENT_TIMEOUT, |status| status.is_active));
    drop(open);
}

/// Threads of this process whose name, as the kernel keeps it, is that.
fn os_threads(name: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|comm| comm.trim_end() == name).count()
}

#[test]
fn the_body_panics() {
    let switch = Switch::default();
    switch.set(Switch::PANIC);
    let server = started("panics", &switch);
    let thread = server.periodic_threads().get("heartbeat").unwrap();
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.failed_runs > 0));
    switch.set(0);
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| {
        status.last_summary.as_ref().is_some_and(|run| run.success)
    }));
    let one = get(&server, "/periodic-threads/heartbeat?history=true");
    let runs = one["recent_runs"].as_array().unwrap();
    let panicked = runs.last().unwrap();
    assert_eq!(
        (&panicked["success"], &panicked["message"]),
        (&false.into(), &"panicked: out of breath".into())
    );
    assert!(healthy(&server));
}

#[tokio::test]
async fn a_thread_is_registered_and_never_started() {
    let server = builder("never", &Switch::default()).build().unwrap();
    let reply = server.test_client().get("/periodic-threads-health").await;
    let health: serde_json::Value = reply.json();
    assert_eq!(
        (&health["healthy"], &health["unhealthy_count"]),
        (&false.into(), &2.into())
    );
    assert!(health["unhealthy_threads"][0]["last_run_ago"].is_null());
    let one: serde_json::Value = server
        .test_client()
        .get("/periodic-threads/heartbeat")
        .await
        .json();
    assert_eq!(
        (&one["state"], &one["is_active"]),
        (&"stopped".into(), &false.into())
    );
}
