//! The manifests: what they say of the worker, tried with the worker.
//! `tests/deploy/check.sh` validates them against the schemas of Kubernetes and of the operator.

use admin_tests::curl;

use super::text;
use crate::folder::Folder;
use crate::process::{Process, WORKER};

/// The documents of a file by their kind.
fn document<'a>(manifests: &'a str, kind: &str) -> &'a str {
    let mut documents = manifests.split("\n---\n");
    let line = format!("kind: {kind}");
    let found = documents.find(|document| document.lines().any(|found| found == line));
    found.unwrap_or_else(|| panic!("no {kind}"))
}

/// The values of a key in a document.
fn values<'a>(document: &'a str, key: &str) -> Vec<&'a str> {
    let lines = document
        .lines()
        .map(|line| line.trim_start_matches([' ', '-']));
    lines
        .filter_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
        .collect()
}

fn number(document: &str, key: &str) -> u64 {
    let found = values(document, key);
    assert_eq!(found.len(), 1, "{key}: {found:?}");
    found[0].parse().expect("a number")
}

/// The arguments of the container.
fn arguments(deployment: &str) -> Vec<&str> {
    let (_, after) = deployment
        .split_once("          args:\n")
        .expect("arguments");
    after
        .lines()
        .map_while(|line| line.strip_prefix("            - "))
        .collect()
}

/// The file `tokens` of the Secret.
fn tokens(secret: &str) -> String {
    let (_, after) = secret.split_once("  tokens: |\n").expect("tokens");
    after
        .lines()
        .map_while(|line| line.strip_prefix("    "))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn worker_runs_as_the_deployment_says() {
    let manifests = text("kubernetes/worker.yaml");
    let (deployment, secret) = (
        document(&manifests, "Deployment"),
        document(&manifests, "Secret"),
    );
    let folder = Folder::new("kubernetes");
    let tokens = folder.write("tokens", tokens(secret));
    let arguments = arguments(deployment);
    assert!(arguments.contains(&"--port=7000"));
    let arguments: Vec<_> = arguments
        .into_iter()
        .filter(|argument| !argument.starts_with("--port="))
        .collect();
    let arguments: Vec<_> = arguments
        .iter()
        .map(|argument| argument.replace("/etc/worker-admin/tokens", &tokens))
        .collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut worker = Process::start(WORKER, &arguments);
    let port = worker.socket_address().port();
    let status = |arguments: &[&str], path: &str| {
        let url = format!("http://127.0.0.1:{port}{path}");
        curl(arguments, &url).status
    };

    let probes = values(deployment, "path");
    for path in probes.iter().filter(|path| path.starts_with("/")) {
        let answered = status(&[], path);
        assert!(
            [200, 503].contains(&answered),
            "{path}: {answered} without a token"
        );
    }
    assert_eq!(status(&[], "/metrics"), 401);
    let monitor = text("kubernetes/podmonitor.yaml");
    let [key] = values(&monitor, "key")[..] else {
        panic!("one key")
    };
    let prometheus = values(secret, key)[0];
    let authorization = format!("Authorization: Bearer {prometheus}");
    let authorization = ["-H", authorization.as_str()];
    for path in values(&monitor, "path") {
        assert_eq!(status(&authorization, path), 200);
    }
    let level = "/loglevel?logger_name=a&level=debug&ttl=1s";
    let put = [&["-X", "PUT"][..], &authorization].concat();
    assert_eq!(status(&put, level), 403, "Prometheus may only read");
    let operator = secret.split("operators write ").nth(1).expect("a token");
    let operator = operator.lines().next().expect("a token");
    let authorization = format!("Authorization: Bearer {operator}");
    assert_eq!(status(&["-X", "PUT", "-H", &authorization], level), 200);

    worker.signal("TERM");
    // Two signals of a kind that wait are one.
    worker.logged(&["a second signal ends at once"]);
    worker.signal("TERM");
    assert_eq!(
        worker.ended().code(),
        Some(1),
        "the second signal ends the drain"
    );
}

#[test]
fn grace_period_covers_pre_stop_and_drain() {
    let manifests = text("kubernetes/worker.yaml");
    let deployment = document(&manifests, "Deployment");
    let drain = arguments(deployment)
        .iter()
        .find_map(|argument| argument.strip_prefix("--drain-seconds="));
    let drain: u64 = drain.expect("a drain").parse().expect("a number");
    let grace = number(deployment, "terminationGracePeriodSeconds");
    let stop = number(deployment, "seconds") + drain;
    assert!(grace >= stop + 10, "{grace} s are too few for {stop} s");
    // The alert about readiness waits longer than a drain.
    assert!(drain < 120);
}

#[test]
fn ports_and_selectors_of_all_manifests_agree() {
    let manifests = text("kubernetes/worker.yaml");
    let selector = "app.kubernetes.io/name: worker";
    let monitor = text("kubernetes/podmonitor.yaml");
    for kind in [
        "Deployment",
        "Service",
        "PodDisruptionBudget",
        "NetworkPolicy",
    ] {
        assert!(document(&manifests, kind).contains(selector), "{kind}");
    }
    assert!(monitor.contains(selector));
    let deployment = document(&manifests, "Deployment");
    assert_eq!(values(deployment, "containerPort"), ["7000"]);
    assert_eq!(
        values(document(&manifests, "Service"), "targetPort"),
        ["admin"]
    );
    assert_eq!(
        values(document(&manifests, "NetworkPolicy"), "port"),
        ["admin"]
    );
    assert_eq!(values(&monitor, "port"), ["admin"]);
    assert_eq!(values(deployment, "secretName"), ["worker-admin"]);
    let secret = document(&manifests, "Secret");
    let token = values(secret, "prometheus")[0];
    assert!(
        tokens(secret).contains(&format!("prometheus read {token}\n")),
        "the same token twice"
    );
}
