//! Probes as a kubelet sends them: the address of the pod as `Host`, a connection for each, a second
//! of patience.

use admin_tests::{Reply, ask, poll_until};

use crate::process::{ALL, CONTROLLER, Process, SCHEDULER, WORKER};

/// What a kubelet sends.
const KUBELET: &[&str] = &[
    "Host: 10.244.1.7:7000",
    "User-Agent: kube-probe/1.33",
    "Accept: */*",
];

fn probe(process: &Process, path: &str) -> Reply {
    ask(process.socket_address(), "GET", path, KUBELET)
}

/// Probes until the reply has this status.
fn wait_for(process: &Process, path: &str, status: u16) -> String {
    poll_until(path, || {
        let reply = probe(process, path);
        (reply.status == status).then_some(reply.body)
    })
}

#[test]
fn worker_follows_its_scheduler_and_drains() {
    let scheduler = Process::start(SCHEDULER, &[]);
    let port = scheduler.socket_address().port().to_string();
    let url = scheduler.url("");
    let args = ["--scheduler", &url, "--drain-seconds", "2"];
    let mut worker = Process::start(WORKER, &args);
    assert_eq!(wait_for(&worker, "/readyz", 200), "ok");

    drop(scheduler);
    let lines = wait_for(&worker, "/readyz", 503);
    assert!(lines.contains("[-]scheduler failed: "), "{lines}");
    assert!(lines.ends_with("readyz check failed"), "{lines}");
    assert_eq!(probe(&worker, "/livez").status, 200, "no restart helps");

    let _scheduler = Process::start_at(&port, SCHEDULER, &[], &[]);
    assert_eq!(wait_for(&worker, "/readyz", 200), "ok");

    worker.signal("TERM");
    let lines = wait_for(&worker, "/readyz", 503);
    assert!(
        lines.contains("[-]accepting failed: shutting down"),
        "{lines}"
    );
    assert_eq!(probe(&worker, "/livez").status, 200);
    assert_eq!(worker.ended().code(), Some(0));
}

#[test]
fn lone_programs_become_ready() {
    for binary in ALL {
        let worker = Process::start(WORKER, &[]);
        let args = ["--worker", &worker.address];
        let args = if binary == CONTROLLER { &args[..] } else { &[] };
        let process = Process::start(binary, args);
        assert_eq!(wait_for(&process, "/readyz", 200), "ok", "{binary}");
        assert_eq!(probe(&process, "/livez").body, "ok", "{binary}");
    }
}

#[test]
fn controller_without_workers_is_not_ready() {
    let controller = Process::start(CONTROLLER, &["--worker", "127.0.0.1:1"]);
    let line = poll_until("a result", || {
        let body = probe(&controller, "/readyz/workers").body;
        body.contains("no answer").then_some(body)
    });
    assert_eq!(line, "[-]workers failed: no answer from 127.0.0.1:1");
}

#[test]
fn manifest_of_the_readme_works() {
    let readme = include_str!("../../../README.md");
    let manifest = readme.split("```yaml\n").nth(1).expect("a manifest");
    let manifest = manifest.split("```").next().expect("it ends");
    let value = |key: &str| -> Vec<&str> {
        let lines = manifest.lines().map(str::trim);
        lines
            .filter_map(|line| line.strip_prefix(key))
            .map(str::trim)
            .collect()
    };
    assert_eq!(value("port:"), ["7000", "7000"]);
    let worker = Process::start(WORKER, &["--host", "0.0.0.0"]);
    let port = worker.socket_address().port();
    let paths = value("path:");
    assert_eq!(paths, ["/livez", "/readyz"]);
    for path in paths {
        poll_until(path, || {
            let reply = ask(([127, 0, 0, 1], port).into(), "GET", path, KUBELET);
            (reply.status == 200).then_some(())
        });
    }
}
