//! Registration, the list, and the targets of Prometheus.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use admin_endpoints::fleet::FleetConfig;
use admin_tests::ask;
use serde_json::json;

use super::{directory, error, get, names, put, register};
use crate::started;

#[test]
fn routes_without_settings_name_the_line() {
    let server = started();
    let at = server.local_addr();
    let body = json!({"address": "127.0.0.1:7000"});
    let replies = [
        ask(at, "GET", "/fleet/instances", &[]),
        ask(at, "GET", "/fleet/targets", &[]),
        ask(at, "GET", "/fleet/health", &[]),
        ask(at, "DELETE", "/fleet/instances/w1", &[]),
        ask(
            at,
            "PUT",
            "/fleet/loglevel?logger_name=x&level=INFO&ttl=1m",
            &[],
        ),
        put(at, "w1", &body),
    ];
    for reply in replies {
        assert_eq!(reply.status, 501, "{reply:?}");
        let line = "`.config(admin_endpoints::fleet::FleetConfig::new())`";
        assert!(error(&reply).contains(line), "{reply:?}");
    }
}

#[test]
fn instances_are_registered_renewed_and_removed() {
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    let body = json!({
        "address": "127.0.0.1:7001",
        "labels": {"role": "worker"},
        "ttl_seconds": 60,
        "boot_id": "b1",
    });
    let (first, second) = (put(at, "w1", &body), put(at, "w1", &body));
    for reply in [&first, &second] {
        assert_eq!(reply.status, 200, "{reply:?}");
        let grant = reply.json();
        assert_eq!(
            (&grant["name"], &grant["ttl_seconds"]),
            (&json!("w1"), &json!(60))
        );
        assert_eq!(grant["address"], "127.0.0.1:7001");
        assert!(grant["expires"].as_str().unwrap().ends_with('Z'), "{grant}");
    }
    register(at, "a0", ([127, 0, 0, 1], 7002).into());

    let list = get(at, "/fleet/instances");
    assert_eq!(names(at), ["a0", "w1"]);
    let w1 = &list["instances"][1];
    assert_eq!(
        (&w1["scheme"], &w1["labels"]),
        (&json!("http"), &json!({"role": "worker"}))
    );
    assert!(
        list["since"].is_string() && w1["registered"].is_string(),
        "{list}"
    );

    let targets = ask(at, "GET", "/fleet/targets", &[]);
    let expected = json!([
        {
            "targets": ["127.0.0.1:7002"],
            "labels": {"__meta_admin_lease": "live", "__meta_admin_name": "a0", "__meta_admin_scheme": "http"},
        },
        {
            "targets": ["127.0.0.1:7001"],
            "labels": {
                "__meta_admin_label_role": "worker",
                "__meta_admin_lease": "live",
                "__meta_admin_name": "w1",
                "__meta_admin_scheme": "http",
            },
        },
    ]);
    assert_eq!((targets.status, targets.json()), (200, expected));

    let other_boot = ask(at, "DELETE", "/fleet/instances/w1?boot_id=b2", &[]);
    assert_eq!(other_boot.status, 409, "{other_boot:?}");
    let removed = ask(at, "DELETE", "/fleet/instances/w1?boot_id=b1", &[]);
    assert_eq!(removed.json(), json!({"name": "w1", "removed": true}));
    assert_eq!(ask(at, "DELETE", "/fleet/instances/w1", &[]).status, 404);
    assert_eq!(names(at), ["a0"]);
    assert_eq!(ask(at, "DELETE", "/fleet/instances/a0", &[]).status, 200);
    assert_eq!(get(at, "/fleet/targets"), json!([]));
}

#[test]
fn unknown_parameters_are_refused() {
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    for (method, target) in [
        ("PUT", "/fleet/instances/w1?ttl=60"),
        ("DELETE", "/fleet/instances/w1?boot-id=b1"),
        ("GET", "/fleet/instances?select=role%3Dworker"),
    ] {
        let reply = ask(at, method, target, &[]);
        assert_eq!(reply.status, 400, "{target}: {reply:?}");
        assert!(error(&reply).starts_with("Unknown parameter"), "{reply:?}");
    }
}

/// What was before and after, by the entries of the audit log about a path, newest first.
fn audited(at: SocketAddr, path: &str) -> Vec<[String; 2]> {
    let audit = get(at, "/audit");
    let entries = audit["entries"].as_array().unwrap().iter();
    let about = entries.filter(|entry| entry["what"].as_str().unwrap().contains(path));
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("null").to_owned();
    about
        .map(|entry| ["before", "after"].map(|key| text(&entry[key])))
        .collect()
}

#[test]
fn renewals_are_not_kept_in_the_audit_log() {
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    let body = |role: &str| json!({"address": "127.0.0.1:7001", "labels": {"role": role}});
    for role in ["worker", "worker", "worker", "scheduler", "scheduler"] {
        assert_eq!(put(at, "w1", &body(role)).status, 200);
    }
    let (worker, scheduler) = (
        r#"w1 at http://127.0.0.1:7001, role="worker""#,
        r#"w1 at http://127.0.0.1:7001, role="scheduler""#,
    );
    assert_eq!(
        audited(at, "/fleet/instances/w1"),
        [[worker, scheduler], ["-", worker]]
    );
    let refused = put(at, "w1", &json!({"address": "127.0.0.1:7002"}));
    assert_eq!(refused.status, 409);
    assert_eq!(audited(at, "/fleet/instances/w1").len(), 3);
}

#[test]
fn targets_follow_every_change() {
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    let role = |expected: &str| {
        let targets = get(at, "/fleet/targets");
        assert_eq!(targets[0]["labels"]["__meta_admin_label_role"], expected);
        assert_eq!(targets, get(at, "/fleet/targets"));
    };
    let body = |role: &str| json!({"address": "127.0.0.1:7001", "labels": {"role": role}});
    for value in ["worker", "scheduler"] {
        assert_eq!(put(at, "w1", &body(value)).status, 200);
        role(value);
    }
    register(at, "a0", ([127, 0, 0, 1], 7002).into());
    assert_eq!(get(at, "/fleet/targets").as_array().unwrap().len(), 2);
    for (name, left) in [("a0", 1), ("w1", 0)] {
        let target = format!("/fleet/instances/{name}");
        assert_eq!(ask(at, "DELETE", &target, &[]).status, 200);
        assert_eq!(get(at, "/fleet/targets").as_array().unwrap().len(), left);
    }
}

#[test]
fn second_process_with_a_name_is_refused() {
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    let body = |port: u16, boot_id: &str| json!({"address": format!("127.0.0.1:{port}"), "boot_id": boot_id});
    assert_eq!(put(at, "w1", &body(7001, "b1")).status, 200);
    for other in [body(7002, "b1"), body(7001, "b2")] {
        let refused = put(at, "w1", &other);
        assert_eq!(refused.status, 409, "{refused:?}");
        let text = error(&refused);
        assert!(
            text.contains("127.0.0.1:7001") && text.contains("until 20"),
            "{text}"
        );
    }
    assert_eq!(put(at, "w1", &body(7001, "b1")).status, 200);
}

#[test]
fn bad_announcements_name_the_rule() {
    let server = directory(FleetConfig::new().allow("100.64.0.0/10").unwrap());
    let at = server.local_addr();
    let labelled = |name: &str| {
        let labels = BTreeMap::from([(name, "x")]);
        json!({"address": "127.0.0.1:1", "labels": labels})
    };
    for (name, body, status, expected) in [
        (
            "w1",
            json!({"address": "worker:7000"}),
            400,
            "expected IP:PORT",
        ),
        ("w1", json!({"address": "127.0.0.1:0"}), 400, "port 0"),
        ("w1", json!({"address": "0.0.0.0:80"}), 400, "unspecified"),
        (
            "w1",
            json!({"address": "169.254.169.254:80"}),
            400,
            "link-local",
        ),
        (
            "w1",
            json!({"address": "[::ffff:169.254.169.254]:80"}),
            400,
            "link-local",
        ),
        (
            "w1",
            json!({"address": "10.0.0.7:80"}),
            403,
            "10.0.0.7:80 may not register",
        ),
        (
            "w1",
            json!({"address": "10.0.0.7:80"}),
            403,
            "FleetConfig::allow",
        ),
        (
            "w1",
            json!({"address": "127.0.0.1:1", "ttl_seconds": 0}),
            400,
            "5 to 3600",
        ),
        (
            "w1",
            json!({"address": "127.0.0.1:1", "ttl_seconds": 31_536_000}),
            400,
            "5 to 3600",
        ),
        (
            "w1",
            json!({"address": "127.0.0.1:1", "ttl": 30}),
            400,
            "Unknown key 'ttl'",
        ),
        (
            "w1",
            json!({"address": "100.100.100.200:80"}),
            403,
            "a metadata address only if it is a range of its own",
        ),
        (
            "w1",
            labelled("level"),
            400,
            "'level' is a label of metrics",
        ),
        (
            "w1",
            json!({"address": "127.0.0.1:1", "labels": {"role": "a\u{202e}b"}}),
            400,
            r"'a\u{202e}b'; expected",
        ),
        ("w1", json!(["127.0.0.1:1"]), 400, "expected an object with"),
        ("w1", json!({"address": null}), 400, "Invalid address: null"),
        ("w1", json!([]), 400, "Invalid JSON body"),
        ("w1", labelled("__meta"), 400, "not beginning with __"),
        ("w1", labelled("a-b"), 400, "[a-zA-Z_][a-zA-Z0-9_]*"),
        (
            "w%201",
            json!({"address": "127.0.0.1:1"}),
            400,
            "Invalid name: 'w 1'",
        ),
        (
            "%2e%2e",
            json!({"address": "127.0.0.1:1"}),
            400,
            "Invalid name",
        ),
    ] {
        let reply = put(at, name, &body);
        assert_eq!(reply.status, status, "{body}: {reply:?}");
        assert!(error(&reply).contains(expected), "{body}: {reply:?}");
    }
    assert_eq!(names(at), [""; 0]);
}

#[test]
fn server_with_unusable_files_does_not_start() {
    for (config, file) in [
        (
            FleetConfig::new().instance_token_file("/nonexistent/token"),
            "/nonexistent/token",
        ),
        (
            FleetConfig::new().instance_ca("/nonexistent/ca.pem"),
            "/nonexistent/ca.pem",
        ),
    ] {
        let error = crate::builder().config(config).start().unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("/fleet/health") && error.contains(file),
            "{error}"
        );
    }
}
