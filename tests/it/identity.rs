//! `/build` and `/config`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use admin_runtime::{Limits, RunningServer};
use admin_tests::{Reply, ask, poll_until};
use serde_json::{Value, json};

use crate::{builder, started};

fn get(server: &RunningServer, target: &str) -> Reply {
    ask(server.local_addr(), "GET", target, &[])
}

#[test]
fn the_build_and_its_process_are_shown() {
    let reply = get(&started(), "/build");
    assert_eq!(reply.status, 200, "{reply:?}");
    let build = reply.json();
    assert_eq!(build["name"], "admin-tests");
    assert_eq!(build["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(build["git"], Value::Null);
    assert_eq!(build["pid"], std::process::id());
    for key in [
        "rustc", "profile", "target", "build_id", "started", "hostname",
    ] {
        assert!(
            build[key].as_str().is_some_and(|text| !text.is_empty()),
            "{key}"
        );
    }
    assert!(build["uptime_seconds"].is_u64(), "{build}");
    let keys: Vec<_> = reply
        .body
        .lines()
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    let expected = [
        "name",
        "version",
        "rustc",
        "profile",
        "target",
        "build_id",
        "git",
        "started",
        "uptime_seconds",
        "pid",
        "hostname",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn settings_are_read_at_each_request() {
    assert_eq!(get(&started(), "/config").body, "{}");
    let limit = Arc::new(AtomicU32::new(64));
    let read = Arc::clone(&limit);
    let shared = Arc::new(Mutex::new(BTreeMap::from([("hot", 256)])));
    let tiers = Arc::clone(&shared);
    let server = builder()
        .show_config_with("tiers", move || tiers.lock().unwrap().clone())
        .show_config_with("limit", move || read.load(Ordering::Relaxed))
        .show_config("a/b", ["x"])
        .start()
        .unwrap();
    let reply = get(&server, "/config");
    let expected = "{\n  \"a/b\": [\n    \"x\"\n  ],\n  \"limit\": 64,\n  \"tiers\": {\n    \"hot\": 256\n  }\n}";
    assert_eq!(reply.body, expected);
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "no-store");
    limit.store(65, Ordering::Relaxed);
    shared.lock().unwrap().insert("cold", 4096);
    let shown = get(&server, "/config").json();
    assert_eq!(shown["limit"], 65);
    assert_eq!(shown["tiers"], json!({"cold": 4096, "hot": 256}));
}

#[test]
fn secrets_of_settings_are_masked() {
    let database = json!({
        "url": "postgres://app:hunter22@db/app",
        "replicas": [{"name": "db-1", "password": "hunter33"}],
    });
    let server = builder()
        .show_config("database", database)
        .show_config("api_token", "hunter44")
        .start()
        .unwrap();
    let body = get(&server, "/config").body;
    assert!(!body.contains("hunter"), "{body}");
    assert!(body.contains("postgres://app:******@db/app"), "{body}");
    assert!(body.contains("\"db-1\""), "{body}");
}

#[test]
fn settings_need_credentials_beyond_loopback() {
    let open = builder()
        .bind("0.0.0.0:0")
        .show_config("a", 1)
        .start()
        .unwrap();
    let at = ([127, 0, 0, 1], open.local_addr().port()).into();
    let reply = ask(at, "GET", "/config", &[]);
    assert_eq!(reply.status, 403);
    assert!(reply.body.contains("configure token(..)"), "{reply:?}");
    assert_eq!(ask(at, "GET", "/build", &[]).status, 200);
    let local = started();
    let proxied = ask(local.local_addr(), "GET", "/config", &["Via: 1.1 proxy"]);
    assert_eq!(proxied.status, 403);
}

#[test]
fn a_setting_that_blocks_stops_nothing_else() {
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let server = builder()
        .limits(Limits::default().with_handler_timeout(Duration::from_millis(50)))
        .show_config("fine", 1)
        .show_config_with("stuck", move || released.lock().unwrap().recv().is_ok())
        .start()
        .unwrap();
    for _ in 0..6 {
        let reply = get(&server, "/config");
        assert_eq!(reply.status, 503, "{reply:?}");
        assert_eq!(get(&server, "/livez").body, "ok");
        assert_eq!(get(&server, "/build").status, 200);
    }
    drop(release);
    let shown = poll_until("the settings", || {
        let reply = get(&server, "/config");
        (reply.status == 200).then(|| reply.json())
    });
    assert_eq!(shown, json!({"fine": 1, "stuck": false}));
}

#[test]
fn settings_that_cannot_be_shown_say_why() {
    let server = builder()
        .show_config("large", "x".repeat(100 << 20))
        .show_config_with("panics", || -> u8 { panic!("a secret of the program") })
        .show_config("fine", "yes")
        .start()
        .unwrap();
    let reply = get(&server, "/config");
    let expected = json!({
        "fine": "yes",
        "large": {"error": "cannot be shown: it is longer than 1048576 bytes"},
        "panics": {"error": "cannot be shown: it panicked"},
    });
    assert_eq!((reply.status, reply.json()), (200, expected));
}

#[test]
fn keys_of_settings_are_checked() {
    let builder = builder().show_config("a", 1).show_config_with("a", || 2);
    let error = builder.show_config("b\n", 3).build().unwrap_err();
    let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    let expected = [
        "show_config_with(\"a\", ..): given twice: each value needs a key of its own",
        "show_config(\"b\\n\", ..): the key has a character that cannot be seen: use letters",
    ];
    assert_eq!(problems, expected);
}
