//! Every metric of the dashboard and of the alerts is one of a live worker.

use std::collections::BTreeSet;

use admin_tests::{curl, poll_until};

use super::dashboard::queries;
use super::promql::metrics_of;
use super::rules::values;
use super::text;
use crate::folder::Folder;
use crate::listeners::certificate;
use crate::process::{Process, WORKER};

/// The expressions of the alerts and of the recorded series: of one line, or indented below `expr: |`.
fn alert_expressions() -> Vec<String> {
    let alerts = text("alerts.yml");
    let after = alerts.split("        expr: ").skip(1);
    let expressions = after.map(|rest| {
        let block = rest.strip_prefix("|\n");
        let is_inside = |line: &&str| block.is_none() || line.starts_with("          ");
        let lines = block.unwrap_or(rest).lines();
        let count = if block.is_some() { usize::MAX } else { 1 };
        let lines: Vec<_> = lines.take(count).take_while(is_inside).collect();
        lines.join("\n")
    });
    expressions.collect()
}

/// A worker with TLS, a failing thread and a log level for a minute.
fn worker(folder: &Folder) -> Process {
    certificate(folder, "tls");
    let (file, key) = (folder.file("tls.crt"), folder.file("tls.key"));
    let arguments = [
        "--tls-cert",
        &file,
        "--tls-key",
        &key,
        "--break",
        "heartbeat",
    ];
    Process::start(WORKER, &arguments)
}

fn ask(worker: &Process, arguments: &[&str], path: &str) -> String {
    let url = format!("https://{}{path}", worker.address);
    let reply = curl(&[&["--insecure"], arguments].concat(), &url);
    assert_eq!(reply.status, 200, "{path}: {reply:?}");
    reply.body
}

/// The value of a series of a scrape.
fn value<'a>(scrape: &'a str, series: &str) -> Option<&'a str> {
    let mut lines = scrape.lines();
    lines.find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
}

#[test]
fn worker_has_every_metric_that_is_used() {
    let folder = Folder::new("live-metrics");
    let worker = worker(&folder);
    let level = "/loglevel?logger_name=cache_engine&level=debug&ttl=1m";
    let _ = ask(&worker, &["-X", "PUT"], level);
    // The runs that would come every 10 s, requested at once.
    let failing = r#"periodic_thread_fault{fault="failing",level="critical",name="heartbeat"}"#;
    let scrape = poll_until("the fault", || {
        let _ = ask(&worker, &["-X", "POST"], "/periodic-threads/heartbeat/run");
        let scrape = ask(&worker, &[], "/metrics");
        (value(&scrape, failing) == Some("1")).then_some(scrape)
    });
    let expected = [
        ("admin_log_level_leases", "1"),
        ("admin_metrics_not_shown", "0"),
        (
            r#"health_check_healthy{kind="live",name="periodic-critical"}"#,
            "0",
        ),
        (
            r#"health_check_healthy{kind="ready",name="accepting"}"#,
            "1",
        ),
        (
            r#"periodic_thread_active{level="critical",name="heartbeat"}"#,
            "0",
        ),
        (
            r#"periodic_thread_fault{fault="stuck",level="critical",name="heartbeat"}"#,
            "0",
        ),
    ];
    for (series, expected) in expected {
        assert_eq!(value(&scrape, series), Some(expected), "{series}\n{scrape}");
    }

    let alerts = alert_expressions();
    let rules = text("alerts.yml");
    let recorded: BTreeSet<_> = values(&rules, "record").collect();
    assert_eq!(
        alerts.len(),
        rules.matches("- alert: ").count() + recorded.len()
    );
    let expressions = alerts.into_iter().chain(queries());
    let used: BTreeSet<_> = expressions
        .flat_map(|expression| metrics_of(&expression))
        .filter(|name| !recorded.contains(name.as_str()))
        .collect();
    assert!(used.len() >= 20, "{used:?}");
    let names = scrape.lines().filter(|line| !line.starts_with('#'));
    let shown: BTreeSet<_> = names
        .filter_map(|line| line.split(['{', ' ']).next())
        .collect();
    let missing: Vec<_> = used
        .iter()
        .filter(|name| !shown.contains(name.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?} are not shown");
    let families = used.iter().map(|name| name.trim_end_matches("_bucket"));
    for family in families {
        assert!(
            scrape.contains(&format!("# HELP {family} ")),
            "{family} has no description"
        );
    }
}
