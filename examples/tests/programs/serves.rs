//! What they answer.

use std::fs;
use std::net::TcpListener;

use admin_tests::{curl, poll_until};
use serde_json::{Value, json};

use crate::clients::get;
use crate::process::{ALL, CONTROLLER, EVENT_TIMEOUT, Process, SCHEDULER, VARIABLE, WORKER};

/// Every endpoint of the component, none of which any binary names.
const CACHE: [(&str, &str); 8] = [
    ("GET", "/cache/blocks/{key}"),
    ("DELETE", "/cache/blocks/{key}"),
    ("POST", "/cache/evict"),
    ("GET", "/cache/stats"),
    ("GET", "/cache/{tier}"),
    ("GET", "/cache/{tier}/blocks"),
    ("POST", "/cache/{tier}/clear"),
    ("POST", "/cache/{tier}/expand"),
];

#[test]
fn each_serves_what_it_links() {
    for binary in ALL {
        let process = Process::start(binary, &[]);
        let index = curl(&[], &process.url("/")).json();
        let endpoints = index["endpoints"].as_array().expect("a list of endpoints");
        for (method, path) in CACHE {
            let listed = endpoints.iter().any(|endpoint| {
                endpoint["method"] == method
                    && endpoint["path"] == path
                    && endpoint["crate"] == "cache_engine"
            });
            assert!(listed, "{binary}: no {method} {path} in {index:#}");
        }
        let (status, env) = get(&process.url("/env"), None);
        let env: Value = serde_json::from_str(&env).expect("JSON");
        assert_eq!((status, &env[VARIABLE.0]), (200, &json!(VARIABLE.1)));
    }
}

#[test]
fn the_cache_has_traffic() {
    let worker = Process::start(WORKER, &["--load", "1000"]);
    poll_until("hits and demoted blocks", || {
        let stats = curl(&[], &worker.url("/cache/stats")).json();
        let is_warm = stats["tiers"][1]["blocks"].as_u64() > Some(0);
        (is_warm && stats["hits"].as_u64() > Some(0)).then_some(())
    });
}

#[test]
fn without_load_nothing_happens_by_itself() {
    let worker = Process::start(WORKER, &["--load", "0", "--index", "2"]);
    let told = curl(&[], &worker.url("/worker")).json();
    let shape = json!([27, 1, 64, 1, 576]);
    assert_eq!((&told["rank"], &told["kv_shape"]), (&json!(2), &shape));
    assert_eq!(
        (&told["is_first_rank"], &told["blocks"]),
        (&json!(false), &json!(0))
    );
}

#[test]
fn clearing_a_tier_is_one_audit_line() {
    let worker = Process::start(WORKER, &["--load", "0"]);
    let cleared = curl(&["-X", "POST"], &worker.url("/cache/hot/clear")).json();
    assert_eq!(cleared, json!({"blocks": 0, "bytes": 0}));
    worker.logged(&[
        "admin_runtime::audit",
        "what=\"POST /cache/hot/clear\"",
        "before=\"0 blocks\"",
        "after=\"0 blocks\"",
        "outcome=200",
    ]);
    let (status, text) = get(&worker.url("/cache/lukewarm"), None);
    let error: Value = serde_json::from_str(&text).expect("JSON");
    let expected = json!({"error": "No tier 'lukewarm'; there are hot, warm, cold"});
    assert_eq!((status, error), (404, expected));
}

#[test]
fn a_scheduler_queues_serves_and_cancels() {
    let scheduler = Process::start(
        SCHEDULER,
        &["--serve", "1", "--load", "0", "--log", "debug"],
    );
    let url = scheduler.url("/queue");
    let json_body = "content-type: application/json";
    let prompt = r#"{"blocks": ["ff", "0a"]}"#;
    let submit = || curl(&["-H", json_body, "-d", prompt], &url).json();
    assert_eq!(submit(), json!({"id": 1, "ahead": 0}));
    scheduler.logged(&["request served", "id=1 cached=0 computed=2"]);
    // One in a second is served, so that the last one waits for as long as this test runs.
    for id in 2..=EVENT_TIMEOUT.as_secs() {
        assert_eq!(submit()["id"], id);
    }
    let id = EVENT_TIMEOUT.as_secs();
    let last = format!("{url}/{id}");
    let cancelled = curl(&["-X", "DELETE"], &last).json();
    assert_eq!(
        cancelled["blocks"],
        json!(["00000000000000ff", "000000000000000a"])
    );
    let again = curl(&["-X", "DELETE"], &last).json();
    assert_eq!(again["error"], format!("No request {id} waits"));
    assert_eq!(curl(&[], &url).json()["cancelled"], 1);
    scheduler.logged(&["request served", "id=2 cached=2 computed=0"]);
}

#[test]
fn a_full_queue_refuses() {
    let scheduler = Process::start(SCHEDULER, &["--queue", "0"]);
    let url = scheduler.url("/queue");
    let json_body = "content-type: application/json";
    let send = |body| curl(&["-H", json_body, "-d", body], &url).status;
    assert_eq!(send(r#"{"blocks": ["1"]}"#), 429);
    assert_eq!(send(r#"{"blocks": []}"#), 400);
    assert_eq!(send(r#"{"blocks": ["xyz"]}"#), 400);
}

#[test]
fn a_controller_tells_live_workers_from_dead_ones() {
    // Takes connections, in the kernel, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let silent = silent.local_addr().expect("an address").to_string();
    let mut worker = Process::start(WORKER, &["--index", "1"]);
    let workers = ["--worker", &worker.address, "--worker", &silent];
    let controller = Process::start(CONTROLLER, &workers);

    let fleet = curl(&[], &controller.url("/workers")).json();
    assert_eq!(fleet["healthy"], false);
    let live = &fleet["workers"][0];
    assert_eq!(
        (&live["healthy"], &live["worker"]["rank"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(live["address"], worker.address);
    assert_eq!(fleet["workers"][1]["healthy"], false);

    worker.signal("TERM");
    worker.ended();
    let fleet = curl(&[], &controller.url("/workers")).json();
    assert_eq!(fleet["workers"][0]["healthy"], false);
    assert!(fleet["workers"][0]["error"].is_string());
}

#[test]
fn a_token_file_protects_workers_and_is_sent() {
    let file = std::env::temp_dir().join(format!("admin-token-{}", std::process::id()));
    fs::write(&file, "s3cret\n").expect("a file can be written");
    let token_file = ["--token-file", file.to_str().expect("a plain path")];
    let worker = Process::start(WORKER, &token_file);
    let args = [&token_file[..], &["--worker", &worker.address]].concat();
    let controller = Process::start(CONTROLLER, &args);
    fs::remove_file(&file).expect("the file is there");

    let stats = worker.url("/cache/stats");
    assert_eq!(get(&stats, None).0, 401);
    assert_eq!(get(&stats, Some("secret")).0, 401);
    assert_eq!(get(&stats, Some("s3cret")).0, 200);
    let (status, fleet) = get(&controller.url("/workers"), Some("s3cret"));
    let fleet: Value = serde_json::from_str(&fleet).expect("JSON");
    assert_eq!(
        (status, &fleet["healthy"]),
        (200, &json!(true)),
        "{fleet:#}"
    );
}

#[test]
fn tokens_of_a_file_have_ceilings() {
    let file = std::env::temp_dir().join(format!("admin-tokens-{}", std::process::id()));
    fs::write(
        &file,
        "# people\nops dangerous s3cret\nprometheus read t0ken\n",
    )
    .expect("a file can be written");
    let file_text = file.to_str().expect("a plain path");
    let public = "/livez,/readyz,/metrics";
    let worker = Process::start(WORKER, &["--token-file", file_text, "--public", public]);
    fs::remove_file(&file).expect("the file is there");

    for (path, token, status) in [
        ("/livez", None, 200),
        ("/metrics", None, 200),
        ("/metrics", Some("wrong"), 401),
        ("/env", None, 401),
        ("/env", Some("t0ken"), 200),
        ("/loglevel?logger_name=x&level=INFO", Some("t0ken"), 403),
        ("/loglevel?logger_name=x&level=INFO", Some("s3cret"), 200),
    ] {
        let reply = get(&worker.url(path), token);
        assert_eq!(reply.0, status, "{path} {token:?}: {reply:?}");
    }
    let (_, audit) = get(&worker.url("/audit"), Some("s3cret"));
    let audit: Value = serde_json::from_str(&audit).expect("JSON");
    let statuses = [
        &audit["entries"][0]["status"],
        &audit["entries"][1]["status"],
    ];
    assert_eq!(statuses, [200, 403], "{audit:#}");
}
