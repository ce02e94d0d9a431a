//! Health as a reader watches it: `worker --break heartbeat`, then the repair.

use admin_tests::{curl, poll_until};
use serde_json::{Value, json};

use crate::process::{Process, WORKER};

/// Repeats a request until its reply is as wanted.
fn until(worker: &Process, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    poll_until(path, || {
        Some(curl(&[], &worker.url(path)).json()).filter(|reply| wanted(reply))
    })
}

const HEALTH: &str = "/periodic-threads-health";

#[test]
fn the_worker_is_healthy_with_every_thread_running() {
    let worker = Process::start(WORKER, &[]);
    let list = until(&worker, "/periodic-threads", |list| {
        let threads = list["threads"].as_array().expect("a list");
        let ran = |thread: &Value| thread["name"] == "memory_expander" || thread["total_runs"] != 0;
        threads.iter().all(ran)
    });
    let one = json!({"total": 1, "running": 1, "active": 1});
    let levels = json!({"critical": one, "high": one, "medium": one, "low": one});
    assert_eq!(list["summary"]["by_level"], levels, "{list:#}");
    let heartbeat = curl(&[], &worker.url("/periodic-threads/heartbeat")).json();
    assert_eq!(
        (
            &heartbeat["interval"],
            &heartbeat["last_summary"]["message"]
        ),
        (&json!(10.0), &json!("alive"))
    );
    let health = curl(&[], &worker.url(HEALTH)).json();
    assert_eq!(
        health,
        json!({"healthy": true, "unhealthy_count": 0, "unhealthy_threads": []})
    );
}

#[test]
fn a_broken_heartbeat_is_unhealthy_until_repaired() {
    let worker = Process::start(WORKER, &["--break", "heartbeat"]);
    let heartbeat = "/periodic-threads/heartbeat";
    // The runs that would come every 10 s, asked for at once.
    for runs in 1..=3 {
        until(&worker, heartbeat, |thread| {
            thread["failed_runs"].as_u64() >= Some(runs)
        });
        if runs < 3 {
            let _ = curl(&["-X", "POST"], &worker.url(&format!("{heartbeat}/run")));
        }
    }
    let health = curl(&[], &worker.url(HEALTH)).json();
    assert_eq!(
        (&health["healthy"], &health["unhealthy_count"]),
        (&json!(false), &json!(1))
    );
    assert_eq!(health["unhealthy_threads"][0]["name"], "heartbeat");
    worker.logged(&[
        "periodic thread is unhealthy",
        "thread=heartbeat",
        "state=failing",
    ]);

    let _ = curl(&["-X", "POST"], &worker.url("/heartbeat/repair"));
    until(&worker, HEALTH, |health| health["healthy"] == json!(true));
    worker.logged(&["periodic thread recovered", "thread=heartbeat"]);
}
