//! The commands to a thread.

use crate::threads::Switch;
use crate::{EVENT_TIMEOUT, ask, get, healthy, json, post, started};

#[test]
fn a_thread_is_run_paused_and_resumed() {
    let server = started("control", &Switch::default());
    let evictor = server.periodic_threads().get("evictor").unwrap();
    assert!(evictor.wait_until(EVENT_TIMEOUT, |status| status.total_runs == 1));

    let reply = post(&server, "/periodic-threads/evictor/run");
    assert_eq!(reply.status, 200);
    assert_eq!(json(&reply)["name"], "evictor");
    assert!(
        evictor.wait_until(EVENT_TIMEOUT, |status| status.total_runs == 2),
        "long before its 10 s"
    );

    assert_eq!(
        json(&post(&server, "/periodic-threads/evictor/pause"))["state"],
        "paused"
    );
    assert!(!healthy(&server), "a paused high thread is not active");
    assert_eq!(post(&server, "/periodic-threads/evictor/run").status, 200);
    assert!(evictor.wait_until(EVENT_TIMEOUT, |status| status.total_runs == 3));
    assert_eq!(get(&server, "/periodic-threads/evictor")["state"], "paused");

    assert_eq!(
        json(&post(&server, "/periodic-threads/evictor/resume"))["state"],
        "waiting"
    );
    assert!(healthy(&server));
}

#[test]
fn unsupported_commands_are_rejected() {
    let switch = Switch::default();
    switch.set(Switch::DIE);
    let server = started("obey", &switch);
    let heartbeat = server.periodic_threads().get("heartbeat").unwrap();
    assert!(heartbeat.wait_until(EVENT_TIMEOUT, |status| !status.is_running));
    for command in ["run", "pause", "resume"] {
        let reply = post(&server, &format!("/periodic-threads/heartbeat/{command}"));
        let expected = r#"{"error":"Thread is not running: heartbeat (dead)"}"#;
        assert_eq!((reply.status, &*reply.body), (409, expected), "{command}");
        let reply = post(&server, &format!("/periodic-threads/nobody/{command}"));
        assert_eq!(reply.status, 404, "{command}");
        let target = format!("/periodic-threads/heartbeat/{command}");
        assert_eq!(
            ask(server.local_addr(), "GET", &target, &[]).status,
            405,
            "{command}"
        );
    }
}

#[test]
fn commands_are_writes() {
    let server = started("writes", &Switch::default());
    let target = "/periodic-threads/evictor/pause";
    let foreign = ["Origin: http://evil.example", "Content-Length: 0"];
    assert_eq!(
        ask(server.local_addr(), "POST", target, &foreign).status,
        403
    );
    assert!(healthy(&server), "nothing was paused");
}
