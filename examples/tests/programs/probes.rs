//! Probes as a kubelet sends them: the address of the pod as `Host`, a connection for each, a second
//! of patience.

use std::net::{SocketAddr, TcpListener};
use std::process::Command;

use admin_tests::poll_until;

use crate::process::{ALL, CONTROLLER, Process, SCHEDULER, WORKER};

/// What a kubelet sends, with its default `timeoutSeconds: 1`.
const KUBELET: &[&str] = &[
    "--http1.1",
    "--noproxy",
    "*",
    "--max-time",
    "1",
    "-H",
    "Host: 10.244.1.7:7000",
    "-H",
    "User-Agent: kube-probe/1.33",
    "-H",
    "Accept: */*",
    "-H",
    "Connection: close",
];

/// The default `failureThreshold`: a machine that does other things too may be late once.
const MAX_LATE_PROBES: usize = 3;

/// The reply of one probe; the status is 0 if there was none within a second.
struct ProbeReply {
    status: u16,
    body: String,
}

fn probe_once(address: SocketAddr, path: &str) -> ProbeReply {
    let status = ["-s", "-w", "\n%{http_code}"];
    let url = format!("http://{address}{path}");
    let sent = Command::new("curl")
        .args(status)
        .args(KUBELET)
        .arg(url)
        .output();
    let output = String::from_utf8(sent.expect("curl starts").stdout).expect("text");
    let (body, status) = output.rsplit_once('\n').expect("a status");
    ProbeReply {
        status: status.parse().expect("a number"),
        body: body.to_owned(),
    }
}

fn probe_at(address: SocketAddr, path: &str) -> ProbeReply {
    let mut probes = (0..MAX_LATE_PROBES).map(|_| probe_once(address, path));
    let reply = probes.find(|reply| reply.status != 0);
    reply.unwrap_or_else(|| panic!("{path} was not answered within a second"))
}

fn probe(process: &Process, path: &str) -> ProbeReply {
    probe_at(process.socket_address(), path)
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

/// Waits until a check fails with a message that begins so.
fn wait_for_line(process: &Process, path: &str, beginning: &str) -> String {
    poll_until(beginning, || {
        let body = probe(process, path).body;
        body.starts_with(beginning).then_some(body)
    })
}

#[test]
fn refusing_scheduler_says_what_to_do() {
    let scheduler = Process::start(SCHEDULER, &["--token", "s3cret"]);
    let url = scheduler.url("");
    let worker = Process::start(WORKER, &["--scheduler", &url]);
    let line = wait_for_line(&worker, "/readyz/scheduler", "[-]scheduler failed: http:");
    let hint = "start the scheduler with --public /livez";
    let expected = format!("[-]scheduler failed: {url}/livez answered 401: {hint}");
    assert_eq!(line, expected);

    let args = ["--token", "s3cret", "--public", "/livez"];
    let public = Process::start(SCHEDULER, &args);
    let worker = Process::start(WORKER, &["--scheduler", &public.url("")]);
    assert_eq!(wait_for(&worker, "/readyz", 200), "ok");
}

#[test]
fn silent_scheduler_fails_the_check_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("an address"));
    let worker = Process::start(WORKER, &["--scheduler", &url]);
    let line = wait_for_line(&worker, "/readyz/scheduler", "[-]scheduler failed: timed");
    let expected = "[-]scheduler failed: timed out after 400ms: no reply from";
    assert_eq!(line, format!("{expected} {url}/livez"));
}

#[test]
fn controller_says_how_workers_answered() {
    let guarded = Process::start(WORKER, &["--token", "s3cret"]);
    let other = Process::start(SCHEDULER, &[]);
    let (guarded, other) = (&guarded.address, &other.address);
    let args = ["--worker", guarded, "--worker", other];
    let controller = Process::start(CONTROLLER, &args);
    let line = wait_for_line(&controller, "/readyz/workers", "[-]workers failed: 127");
    let hint = "give this controller the token of its workers with --token-file";
    let expected =
        format!("[-]workers failed: {guarded} answered 401: {hint}; {other} answered 404");
    assert_eq!(line, expected);
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
            let reply = probe_at(([127, 0, 0, 1], port).into(), path);
            (reply.status == 200).then_some(())
        });
    }
}
