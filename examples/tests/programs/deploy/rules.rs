//! The files of Prometheus and Alertmanager.

use std::collections::BTreeSet;
use std::fs;

use super::{accepted_by, path, text};
use crate::folder::Folder;

#[test]
fn prometheus_accepts_configuration_and_alerts() {
    let printed = accepted_by("promtool", &["check", "config", &path("prometheus.yml")]);
    assert!(printed.contains("1 rule files found"), "{printed}");
    accepted_by("promtool", &["check", "rules", &path("alerts.yml")]);
}

#[test]
fn alerts_pass_their_tests() {
    accepted_by("promtool", &["test", "rules", &path("alerts.test.yml")]);
}

#[test]
fn alertmanager_accepts_its_configuration() {
    let printed = accepted_by("amtool", &["check-config", &path("alertmanager.yml")]);
    assert!(printed.contains("2 inhibit rules"), "{printed}");
}

/// The values of a key, as the files of this folder write them.
pub(super) fn values<'a>(text: &'a str, key: &str) -> impl Iterator<Item = &'a str> {
    let lines = text.lines().map(|line| line.trim_start_matches([' ', '-']));
    lines.filter_map(move |line| line.strip_prefix(key)?.strip_prefix(": "))
}

#[test]
fn every_alert_is_tested_both_ways() {
    let (alerts, tests) = (text("alerts.yml"), text("alerts.test.yml"));
    let alerts: BTreeSet<_> = values(&alerts, "alert").collect();
    assert!(alerts.len() >= 10, "{alerts:?}");
    let cases: Vec<_> = tests.split("alertname: ").skip(1).collect();
    for alert in alerts {
        let of_alert = || {
            cases
                .iter()
                .filter(|case| case.lines().next() == Some(alert))
        };
        let is_silent = |case: &str| case.lines().nth(1).is_some_and(|line| line.ends_with("[]"));
        assert!(
            of_alert().any(|case| is_silent(case)),
            "{alert} is never silent"
        );
        assert!(
            of_alert().any(|case| !is_silent(case)),
            "{alert} never fires"
        );
    }
}

#[test]
fn every_alert_says_what_to_do() {
    let alerts = text("alerts.yml");
    for alert in alerts.split("- alert: ").skip(1) {
        for part in ["severity: ", "summary: ", "description: "] {
            assert!(alert.contains(part), "no {part} in\n{alert}");
        }
    }
}

/// A pod with the labels that service discovery in Kubernetes gives to it.
fn pod(address: &str, labels: &[(&str, &str)]) -> String {
    let labels = labels
        .iter()
        .map(|(name, value)| format!("__meta_kubernetes_{name}: '{value}'"));
    let labels = labels.collect::<Vec<_>>().join(", ");
    format!("{{targets: ['{address}'], labels: {{{labels}}}}}")
}

/// The Prometheus of Debian has no service discovery in Kubernetes: the same targets are listed here.
#[test]
fn pods_of_kubernetes_are_relabelled() {
    let folder = Folder::new("kubernetes-sd");
    let component = "pod_label_app_kubernetes_io_component";
    let worker = [
        ("pod_container_port_name", "admin"),
        ("pod_phase", "Running"),
        ("namespace", "cache"),
        ("pod_name", "worker-5d9c"),
        (component, "worker"),
    ];
    let mut finished = worker;
    finished[1].1 = "Succeeded";
    let mut other_port = worker;
    other_port[0].1 = "http";
    let pods = [
        pod("10.0.0.7:7000", &worker),
        pod("10.0.0.8:7000", &finished),
        pod("10.0.0.9:8080", &other_port),
    ];
    let original = text("prometheus-kubernetes.yml");
    let begin = original
        .find("    kubernetes_sd_configs:")
        .expect("it discovers");
    let end = original.find("    # The key").expect("the token follows");
    let discovery = &original[begin..end];
    assert!(discovery.contains("names: [default]"), "{discovery}");
    let targets = format!("    static_configs: [{}]\n", pods.join(", "));
    let token = folder.write("token", "t0ken");
    let config = original
        .replace(discovery, &targets)
        .replace("/etc/prometheus/worker-admin/prometheus", &token);
    fs::copy(path("alerts.yml"), folder.file("alerts.yml")).expect("a copy");
    let config = folder.write("prometheus.yml", config);
    accepted_by("promtool", &["check", "config", &config]);
    let found = accepted_by(
        "promtool",
        &[
            "check",
            "service-discovery",
            "--timeout=1s",
            &config,
            "admin",
        ],
    );
    let found: serde_json::Value = serde_json::from_str(&found).expect("JSON");
    let kept = found.as_array().expect("a list").iter();
    let kept: Vec<_> = kept
        .map(|target| &target["labels"])
        .filter(|labels| labels["__address__"] != serde_json::Value::Null)
        .collect();
    assert_eq!(kept.len(), 1, "{found:#}");
    assert_eq!(kept[0]["instance"], "worker-5d9c");
    assert_eq!(
        (&kept[0]["namespace"], &kept[0]["role"]),
        (&"cache".into(), &"worker".into())
    );
}
