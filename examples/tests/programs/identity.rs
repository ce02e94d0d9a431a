//! Which build they are, and with which options they run.

use admin_tests::curl;
use serde_json::{Value, json};

use crate::process::{ALL, CONTROLLER, Process, SCHEDULER, WORKER};

#[test]
fn builds_are_shown() {
    for (binary, name) in ALL.into_iter().zip(["worker", "scheduler", "controller"]) {
        let process = Process::start(binary, &[]);
        let build = curl(&[], &process.url("/build")).json();
        assert_eq!(build["name"], name);
        assert_eq!(build["version"], env!("CARGO_PKG_VERSION"));
        let metrics = curl(&[], &process.url("/metrics")).body;
        let line = format!("build_info{{name=\"{name}\",version=\"0.1.0\",revision=\"\"}} 1");
        assert!(metrics.lines().any(|shown| shown == line), "{metrics}");
        assert!(!metrics.contains("admin_build_info"), "{metrics}");
    }
}

/// The options that a program shows to a caller with the token.
fn options(binary: &str, args: &[&str]) -> Value {
    let common = ["--token", "s3cret", "--log", "info,cache_engine=warn"];
    let args = [&common[..], args].concat();
    let process = Process::start(binary, &args);
    let header = "Authorization: Bearer s3cret";
    let config = curl(&["-H", header], &process.url("/config"));
    assert_eq!(config.status, 200, "{config:?}");
    assert!(!config.body.contains("s3cret"), "{config:?}");
    let options = config.json()["options"].clone();
    assert_eq!(options["token"], "******");
    assert_eq!(options["log"], "info,cache_engine=warn");
    assert_eq!(
        (&options["drain_seconds"], &options["port"]),
        (&json!(0), &json!(0))
    );
    options
}

#[test]
fn options_are_shown_without_secrets() {
    let url = "http://127.0.0.1:6999";
    let worker = options(
        WORKER,
        &["--index", "2", "--scheduler", url, "--break", "heartbeat"],
    );
    assert_eq!(worker["index"], 2);
    assert_eq!(worker["scheduler"], "http://127.0.0.1:6999");
    assert_eq!(worker["break"], "heartbeat");
    let scheduler = options(SCHEDULER, &["--queue", "7"]);
    assert_eq!(
        (&scheduler["queue"], &scheduler["serve"]),
        (&json!(7), &json!(20))
    );
    let controller = options(CONTROLLER, &["--worker", "127.0.0.1:1"]);
    assert_eq!(controller["workers"], json!(["127.0.0.1:1"]));
}
