//! What periodic threads mean for probes.

use std::time::Duration;

use admin_runtime::PeriodicError;
use admin_runtime::health::CheckKind;
use admin_runtime::periodic::Criticality;

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
