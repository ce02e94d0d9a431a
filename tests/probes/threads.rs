//! What periodic threads mean for probes.

use std::time::Duration;

use admin_runtime::PeriodicError;
use admin_runtime::health::CheckKind;
use admin_runtime::periodic::Criticality;
use admin_tests::ask;
use serde_json::Value;

use crate::checks::Switches;
use crate::{EVENT_TIMEOUT, builder, get, wait_for_failure};

#[test]
fn inactive_threads_fail_the_probe_of_their_level() {
    let server = builder(&Switches::default()).start().unwrap();
    let dies = |name: &str, level| {
        let thread = server.periodic_threads().builder(name).level(level);
        thread
            .run(|| Err::<(), _>(PeriodicError::fatal("gone")))
            .unwrap()
    };
    let _low = dies("sampler", Criticality::Medium);
    assert!(_low.wait_until(EVENT_TIMEOUT, |status| !status.is_active));
    let high = dies("evictor", Criticality::High);
    wait_for_failure(
        &server,
        CheckKind::Ready,
        "periodic-high",
        "evictor is dead",
    );
    assert!(
        server
            .health_checks()
            .wait_until_healthy(CheckKind::Live, EVENT_TIMEOUT)
    );
    let critical = dies("heartbeat", Criticality::Critical);
    wait_for_failure(
        &server,
        CheckKind::Live,
        "periodic-critical",
        "heartbeat is dead",
    );
    let line = get(&server, "/livez/periodic-critical", &[]).body;
    assert_eq!(line, "[-]periodic-critical failed: heartbeat is dead");
    drop((high, critical));
    for kind in [CheckKind::Live, CheckKind::Ready] {
        assert!(
            server
                .health_checks()
                .wait_until_healthy(kind, EVENT_TIMEOUT)
        );
    }

    let paused = server
        .periodic_threads()
        .builder("replica")
        .level(Criticality::Critical);
    let paused = paused
        .interval(Duration::from_secs(3600))
        .run(|| ())
        .unwrap();
    paused.pause().unwrap();
    assert!(!paused.state().is_active());
    assert_eq!(
        get(&server, "/livez", &[]).status,
        200,
        "a paused thread does not count"
    );
}

#[test]
fn paused_thread_that_failed_does_not_count() {
    let server = builder(&Switches::default()).start().unwrap();
    let threads = server.periodic_threads().builder("replica");
    let hourly = threads
        .level(Criticality::Critical)
        .interval(Duration::from_secs(3600));
    let failing = hourly.failures(1).run(|| Err::<(), _>("no route")).unwrap();
    let name = "periodic-critical";
    wait_for_failure(&server, CheckKind::Live, name, "replica is failing");
    let post = |command: &str| {
        let target = format!("/periodic-threads/replica/{command}");
        let reply = ask(server.local_addr(), "POST", &target, &[]);
        let status: Value = serde_json::from_str(&reply.body).unwrap();
        (reply.status, status["state"].as_str().unwrap().to_owned())
    };
    assert_eq!(post("pause"), (200, "paused".to_owned()));
    assert_eq!(get(&server, "/livez", &[]).status, 200);
    let audit = get(&server, "/audit", &[]).body;
    let audit: Value = serde_json::from_str(&audit).unwrap();
    let entry = &audit["entries"][0];
    assert_eq!(entry["before"], "failing", "{entry}");
    assert_eq!(entry["after"], "paused", "{entry}");

    // A run that is asked for during the pause may fail too.
    let runs = failing.status().total_runs;
    assert_eq!(post("run").0, 200);
    assert!(failing.wait_until(EVENT_TIMEOUT, |status| status.total_runs > runs));
    assert_eq!(get(&server, "/livez", &[]).status, 200);
    assert_eq!(post("resume").0, 200);
    wait_for_failure(&server, CheckKind::Live, name, "replica is failing");
}
