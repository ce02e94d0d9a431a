//! The documented shapes, byte for byte where the document is.

use serde_json::{Value, json};

use crate::threads::Switch;
use crate::{EVENT_TIMEOUT, ask, get, started};

const KEYS: [&str; 15] = [
    "name",
    "level",
    "interval",
    "init_wait",
    "is_running",
    "is_active",
    "last_run_time",
    "last_run_ago",
    "total_runs",
    "failed_runs",
    "success_rate",
    "last_summary",
    "state",
    "overruns",
    "consecutive_failures",
];

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

/// The same with its keys in order: how `Value` keeps them is not decided by the server.
fn sorted<const N: usize>(mut keys: [&'static str; N]) -> Vec<&'static str> {
    keys.sort_unstable();
    keys.to_vec()
}

#[test]
fn the_list_has_the_documented_shape() {
    let server = started("list", &Switch::default());
    for name in ["heartbeat", "evictor"] {
        let thread = server.periodic_threads().get(name).unwrap();
        assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.total_runs > 0));
    }
    let list = get(&server, "/periodic-threads");
    let one = |total: u8| json!({"total": total, "running": total, "active": total});
    assert_eq!(
        list["summary"],
        json!({
            "total_count": 3, "running_count": 3, "active_count": 3,
            "by_level": {"critical": one(1), "high": one(1), "medium": one(1), "low": one(0)},
        })
    );
    let threads = list["threads"].as_array().unwrap();
    let names: Vec<_> = threads
        .iter()
        .map(|thread| thread["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["evictor", "heartbeat", "stats logger"]);
    for thread in threads {
        assert_eq!(keys(thread), sorted(KEYS));
    }
    let [evictor, heartbeat, stats] = &threads[..] else {
        panic!("three threads");
    };
    assert_eq!(heartbeat["interval"], json!(0.1));
    assert_eq!(heartbeat["success_rate"], json!(100.0));
    assert_eq!(
        keys(&heartbeat["last_summary"]),
        [
            "duration_ms",
            "extra_info",
            "message",
            "success",
            "timestamp"
        ]
    );
    assert_eq!(heartbeat["last_summary"]["message"], "beat");
    assert_eq!(heartbeat["last_summary"]["extra_info"], json!({"peers": 3}));
    assert_eq!(
        (&evictor["interval"], &evictor["state"]),
        (&json!(10.0), &json!("waiting"))
    );
    assert_eq!(
        (&stats["level"], &stats["init_wait"]),
        (&json!("medium"), &json!(90.0))
    );
    for never in [
        "last_run_time",
        "last_run_ago",
        "success_rate",
        "last_summary",
    ] {
        assert!(stats[never].is_null(), "{never}");
    }
    let shown = evictor["last_run_time"].as_str().unwrap();
    let digits: String = shown
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect();
    assert_eq!(digits, "9999-99-99T99:99:99");
    let ago = evictor["last_run_ago"].as_f64().unwrap();
    assert_eq!((ago * 1000.0).round() / 1000.0, ago, "three places");
}

#[test]
fn filters_choose_threads_and_leave_the_summary() {
    let server = started("filters", &Switch::default());
    server
        .periodic_threads()
        .get("stats logger")
        .unwrap()
        .pause()
        .unwrap();
    let names = |query: &str| {
        let list = get(&server, &format!("/periodic-threads?{query}"));
        assert_eq!(list["summary"]["total_count"], 3);
        let threads = list["threads"].as_array().unwrap().iter();
        threads
            .map(|thread| thread["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("level=critical"), ["heartbeat"]);
    assert_eq!(names("level=HIGH"), ["evictor"]);
    assert!(names("level=low").is_empty());
    assert_eq!(names("running_only=true").len(), 3);
    assert_eq!(names("active_only=YES"), ["evictor", "heartbeat"]);
    assert_eq!(names("level=medium&active_only=0"), ["stats logger"]);
    let invalid = ask(
        server.local_addr(),
        "GET",
        "/periodic-threads?level=unknown",
        &[],
    );
    assert_eq!(
        (invalid.status, &*invalid.body),
        (
            400,
            r#"{"error":"Invalid level: unknown. Valid values: critical, high, medium, low"}"#
        )
    );
    let invalid = ask(
        server.local_addr(),
        "GET",
        "/periodic-threads?running_only=maybe",
        &[],
    );
    assert_eq!(invalid.status, 400);
    assert!(
        invalid.body.contains("'running_only': 'maybe'"),
        "{}",
        invalid.body
    );
}

#[test]
fn one_thread_is_shown_with_optional_history() {
    let server = started("one", &Switch::default());
    let thread = server.periodic_threads().get("heartbeat").unwrap();
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.total_runs > 1));
    let one = get(&server, "/periodic-threads/heartbeat");
    assert_eq!(keys(&one), sorted(KEYS));
    let one = get(&server, "/periodic-threads/heartbeat?history=true");
    let runs = one["recent_runs"].as_array().unwrap();
    assert!(runs.len() > 1 && runs.len() <= 16);
    assert!(
        runs[0]["timestamp"].as_f64() >= runs[1]["timestamp"].as_f64(),
        "newest first"
    );
    let missing = ask(server.local_addr(), "GET", "/periodic-threads/nobody", &[]);
    assert_eq!(
        (missing.status, &*missing.body),
        (404, r#"{"error":"Thread not found: nobody"}"#)
    );
}

#[test]
fn health_has_the_documented_shape() {
    let switch = Switch::default();
    let server = started("health", &switch);
    let reply = ask(server.local_addr(), "GET", "/periodic-threads-health", &[]);
    assert_eq!(
        reply.body,
        r#"{"healthy":true,"unhealthy_count":0,"unhealthy_threads":[]}"#
    );
    switch.set(Switch::DIE);
    let thread = server.periodic_threads().get("heartbeat").unwrap();
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| !status.is_active));
    let health = get(&server, "/periodic-threads-health");
    assert_eq!(
        (&health["healthy"], &health["unhealthy_count"]),
        (&json!(false), &json!(1))
    );
    let unhealthy = &health["unhealthy_threads"][0];
    assert_eq!(
        keys(unhealthy),
        ["interval", "last_run_ago", "level", "name"]
    );
    assert_eq!(
        (&unhealthy["name"], &unhealthy["interval"]),
        (&json!("heartbeat"), &json!(0.1))
    );
    let probe = |query| ask(server.local_addr(), "GET", query, &[]).status;
    assert_eq!(probe("/periodic-threads-health?probe=true"), 503);
    assert_eq!(probe("/periodic-threads-health?probe=false"), 200);
    switch.set(0);
    thread.start().unwrap();
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.is_active));
    assert_eq!(probe("/periodic-threads-health?probe=true"), 200);
}
