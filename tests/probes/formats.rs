//! The bodies of probes, byte for byte.

use admin_runtime::health::CheckKind;
use serde_json::{Value, json};

use crate::checks::Switches;
use crate::{get, started, wait_for_failure};

#[test]
fn healthy_probes_answer_ok() {
    let server = started(&Switches::default());
    for target in [
        "/livez",
        "/readyz",
        "/livez/disk",
        "/readyz/database",
        "/readyz/accepting",
    ] {
        let reply = get(&server, target, &[]);
        assert_eq!((reply.status, &*reply.body), (200, "ok"), "{target}");
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    let live = get(&server, "/livez?verbose", &[]);
    let lines = "[+]disk ok\n[+]periodic-critical ok\nlivez check passed";
    assert_eq!((live.status, &*live.body), (200, lines));
    let ready = get(&server, "/readyz?verbose=1", &[]);
    let lines = "[+]accepting ok\n[+]database ok\n[+]periodic-high ok\nreadyz check passed";
    assert_eq!((ready.status, &*ready.body), (200, lines));
}

#[test]
fn failed_probe_is_always_verbose() {
    let switches = Switches::default();
    let server = started(&switches);
    let error = "no route\nto host";
    switches.set_database_error(Some(error));
    wait_for_failure(&server, CheckKind::Ready, "database", error);
    let reply = get(&server, "/readyz", &[]);
    let lines = "[+]accepting ok\n[-]database failed: no route\\nto host\n[+]periodic-high ok\nreadyz check failed";
    assert_eq!((reply.status, &*reply.body), (503, lines));
    assert_eq!(reply.header("retry-after"), "1");
    let report = get(&server, "/readyz?report", &[]);
    assert_eq!((report.status, &*report.body), (503, lines));
    let one = get(&server, "/readyz/database", &[]);
    let line = "[-]database failed: no route\\nto host";
    assert_eq!((one.status, &*one.body), (503, line));
    assert_eq!(get(&server, "/readyz/accepting", &[]).body, "ok");
    assert_eq!(get(&server, "/livez", &[]).body, "ok");

    let excluded = get(&server, "/readyz?exclude=database&exclude=database", &[]);
    assert_eq!((excluded.status, &*excluded.body), (200, "ok"));
    let verbose = get(
        &server,
        "/readyz?exclude=database&verbose&exclude=b%22&exclude=a",
        &[],
    );
    let lines = "[+]accepting ok\n[+]database excluded: ok\n[+]periodic-high ok\n\
        warn: some health checks cannot be excluded: no matches for \"a\",\"b\\\"\"\nreadyz check passed";
    assert_eq!((verbose.status, &*verbose.body), (200, lines));

    switches.set_database_error(None);
    assert!(
        server
            .health_checks()
            .wait_until_healthy(CheckKind::Ready, crate::EVENT_TIMEOUT)
    );
    assert_eq!(get(&server, "/readyz", &[]).status, 200);
}

#[test]
fn unknown_check_is_not_found() {
    let server = started(&Switches::default());
    for target in ["/livez/database", "/readyz/disk", "/readyz/no%0Ape"] {
        let reply = get(&server, target, &[]);
        assert_eq!(reply.status, 404, "{target}");
        assert!(
            reply.body.starts_with("Health check not found: "),
            "{reply:?}"
        );
        assert!(!reply.body.contains('\n'));
        let reply = get(&server, target, &["Accept: application/json"]);
        assert_eq!(reply.status, 404, "{target}");
        assert_eq!(reply.header("content-type"), "application/json");
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        let error = body["error"].as_str().unwrap();
        assert!(error.starts_with("Health check not found: "), "{body}");
    }
}

#[test]
fn json_has_every_fact() {
    let switches = Switches::default();
    let server = started(&switches);
    switches.set_database_error(Some("no route"));
    wait_for_failure(&server, CheckKind::Ready, "database", "no route");
    let json = |target| {
        let reply = get(&server, target, &["Accept: application/json"]);
        assert_eq!(reply.header("content-type"), "application/json");
        let mut body: Value = serde_json::from_str(&reply.body).unwrap();
        for check in body["checks"].as_array_mut().unwrap() {
            let is_linked = check["name"] == "database";
            for fact in ["duration_ms", "age_ms"] {
                let fact = check.as_object_mut().unwrap().remove(fact).unwrap();
                assert_eq!(fact.is_f64(), is_linked, "{check}");
            }
        }
        (reply.status, body)
    };
    let check = |name: &str, status: &str, message: Option<&str>| json!({"name": name, "kind": "ready", "status": status, "message": message});
    let failed = check("database", "failed", Some("no route"));
    let (accepting, high) = (
        check("accepting", "ok", None),
        check("periodic-high", "ok", None),
    );
    let all = json!({"status": "failed", "checks": [accepting, failed, high]});
    assert_eq!(json("/readyz"), (503, all.clone()));
    assert_eq!(json("/readyz?report"), (200, all));
    let one = json!({"status": "failed", "checks": [failed]});
    assert_eq!(json("/readyz/database"), (503, one));
    let excluded = check("database", "excluded", None);
    let all = json!({"status": "ok", "checks": [accepting, excluded, high]});
    assert_eq!(json("/readyz?exclude=database"), (200, all));
}

#[test]
fn index_lists_the_checks() {
    let server = started(&Switches::default());
    let index: Value = serde_json::from_str(&get(&server, "/", &[]).body).unwrap();
    let checks = index["health_checks"].as_array().unwrap();
    let facts: Vec<_> = checks
        .iter()
        .map(|check| {
            (
                check["kind"].as_str().unwrap(),
                check["name"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(facts, [("live", "disk"), ("ready", "database")]);
    assert_eq!(checks[1]["crate"], "probes");
    assert_eq!(checks[1]["summary"], "The database answers.");
    let source = checks[1]["source"].as_str().unwrap();
    assert!(source.starts_with("probes/checks.rs:"), "{source}");
}
