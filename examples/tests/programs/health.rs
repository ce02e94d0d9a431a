//! Health as a reader watches it: `worker --break heartbeat`, then the repair.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::clients::{curl, curl_json};
use crate::process::{PATIENCE, Process, WORKER};

/// Asks again until the answer is as wanted: nothing announces a run from outside.
fn until(worker: &Process, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = curl_json(&[&worker.url(path)]);
        if wanted(&answer) {
            return answer;
        }
        assert!(Instant::now() < deadline, "{answer:#}");
        thread::sleep(Duration::from_millis(20));
    }
}

const HEALTH: &str = "/periodic-threads-health";

#[test]
fn the_worker_runs_a_thread_of_each_level_and_is_healthy() {
    let worker = Process::start(WORKER, &[]);
    let list = until(&worker, "/periodic-threads", |list| {
        let threads = list["threads"].as_array().expect("a list");
        let ran = |thread: &Value| thread["name"] == "memory_expander" || thread["total_runs"] != 0;
        threads.iter().all(ran)
    });
    let one = json!({"total": 1, "running": 1, "active": 1});
    let levels = json!({"critical": one, "high": one, "medium": one, "low": one});
    assert_eq!(list["summary"]["by_level"], levels, "{list:#}");
    let heartbeat = curl_json(&[&worker.url("/periodic-threads/heartbeat")]);
    assert_eq!(
        (
            &heartbeat["interval"],
            &heartbeat["last_summary"]["message"]
        ),
        (&json!(10.0), &json!("alive"))
    );
    let health = curl_json(&[&worker.url(HEALTH)]);
    assert_eq!(
        health,
        json!({"healthy": true, "unhealthy_count": 0, "unhealthy_threads": []})
    );
}

#[test]
fn a_broken_heartbeat_is_unhealthy_until_it_is_repaired() {
    let worker = Process::start(WORKER, &["--break", "heartbeat"]);
    let heartbeat = "/periodic-threads/heartbeat";
    // The runs that would come every 10 s, asked for at once.
    for runs in 1..=3 {
        until(&worker, heartbeat, |thread| {
            thread["failed_runs"].as_u64() >= Some(runs)
        });
        if runs < 3 {
            curl(&["-X", "POST", &worker.url(&format!("{heartbeat}/run"))]);
        }
    }
    let health = curl_json(&[&worker.url(HEALTH)]);
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

    curl(&["-X", "POST", &worker.url("/heartbeat/repair")]);
    until(&worker, HEALTH, |health| health["healthy"] == json!(true));
    worker.logged(&["periodic thread recovered", "thread=heartbeat"]);
}
