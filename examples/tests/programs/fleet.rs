//! Programs that announce themselves to the controller.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use admin_tests::{Reply, ask_unix, curl, poll_until};
use serde_json::{Value, json};

use crate::folder::{Folder, Started};
use crate::listeners::{certificate, signed};
use crate::process::{CONTROLLER, Process, SCHEDULER, WORKER, run};

/// What every program here has: no load, and announcements each second.
const QUICK: [&str; 4] = ["--load", "0", "--announce-interval", "1"];

fn announced(binary: &str, url: &str, more: &[&str]) -> Process {
    let announce = ["--announce", url];
    Process::start(binary, &[&QUICK[..], &announce, more].concat())
}

/// The list of instances, as soon as it has as many.
fn instances(controller: &Process, count: usize) -> Vec<Value> {
    poll_until("the instances", || {
        let list = curl(&[], &controller.url("/fleet/instances")).json();
        let instances = list["instances"].as_array().expect("a list").clone();
        (instances.len() == count).then_some(instances)
    })
}

fn set_level(controller: &Process, query: &str) -> Reply {
    let path = format!("/fleet/loglevel?logger_name=worker&{query}");
    curl(&["-X", "PUT"], &controller.url(&path))
}

#[test]
fn controller_lists_and_changes_announced_programs() {
    let controller = Process::start(CONTROLLER, &QUICK[..2]);
    let url = controller.url("");
    let labels = ["--label", "role=worker", "--label", "zone=a"];
    let scheduler = announced(SCHEDULER, &url, &["--name", "s1"]);
    let workers = ["w1", "w2"]
        .map(|name| announced(WORKER, &url, &[&labels[..], &["--name", name]].concat()));
    let unnamed = announced(WORKER, &url, &["--label", "role=worker"]);

    let listed = instances(&controller, 4);
    let port = unnamed.socket_address().port();
    let names: Vec<_> = listed.iter().map(|instance| &instance["name"]).collect();
    assert_eq!(
        names,
        ["s1", "w1", "w2", &*format!("worker-127.0.0.1-{port}")]
    );
    assert_eq!(listed[0]["address"], scheduler.address);
    assert_eq!(listed[1]["labels"], json!({"role": "worker", "zone": "a"}));

    let health = poll_until("all to be ready", || {
        let health = curl(&[], &controller.url("/fleet/health")).json();
        (health["ready"] == 4).then_some(health)
    });
    assert_eq!(health["instances"][1]["version"], env!("CARGO_PKG_VERSION"));

    let changed = set_level(&controller, "level=DEBUG&ttl=10m&select=role%3Dworker");
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.json()["changed"], 3, "{changed:?}");
    let levels = workers
        .each_ref()
        .map(|worker| curl(&[], &worker.url("/loglevel?logger_name=worker")).body);
    assert_eq!(levels, ["worker: DEBUG", "worker: DEBUG"]);
    let level = curl(&[], &scheduler.url("/loglevel?logger_name=worker")).body;
    assert_eq!(level, "worker: INFO");

    let thread = curl(&[], &unnamed.url("/periodic-threads/fleet-announcement")).json();
    assert_eq!(thread["is_active"], true, "{thread}");
}

#[test]
fn stopped_programs_leave_and_killed_ones_expire() {
    let controller = Process::start(CONTROLLER, &QUICK[..2]);
    let url = controller.url("");
    let mut stopped = ["TERM", "HUP"].map(|signal| {
        let name = format!("stopped-by-{signal}");
        (signal, announced(WORKER, &url, &["--name", &name]))
    });
    let killed = announced(WORKER, &url, &["--name", "killed"]);
    instances(&controller, 3);
    for (signal, process) in &mut stopped {
        process.signal(signal);
        assert!(process.ended().success(), "{signal}");
    }
    let left = curl(&[], &controller.url("/fleet/instances")).json();
    assert_eq!(left["instances"][0]["name"], "killed", "{left}");
    assert_eq!(left["instances"][1], Value::Null, "{left}");
    let address = killed.address.clone();
    killed.signal("KILL");
    let health = curl(&[], &controller.url("/fleet/health")).json();
    let listed = health["instances"].as_array().expect("a list");
    // Until its lease ends, after 5 s.
    assert!(
        listed.iter().all(|one| one["address"] == *address),
        "{health}"
    );
    let lease =
        || curl(&[], &controller.url("/fleet/instances")).json()["instances"][0]["lease"].clone();
    poll_until("the end of the lease", || {
        (lease() == "ended").then_some(())
    });
    let health = curl(&[], &controller.url("/fleet/health")).json();
    let error = health["instances"][0]["error"].as_str().expect("a reason");
    assert!(error.starts_with("the lease ended at 20"), "{health}");
    let changed = set_level(&controller, "level=DEBUG&ttl=10m");
    assert_eq!(changed.status, 502, "{changed:?}");
    let report = changed.json();
    assert_eq!(
        (&report["matched"], &report["changed"]),
        (&json!(1), &json!(0))
    );
    let error = report["instances"][0]["error"].as_str().expect("a reason");
    assert!(error.starts_with("the lease ended at 20"), "{report}");
    let removed = controller.url("/fleet/instances/killed");
    assert_eq!(curl(&["-X", "DELETE"], &removed).status, 200);
    instances(&controller, 0);
}

#[test]
fn killed_controller_has_all_instances_again() {
    let mut controller = Process::start(CONTROLLER, &QUICK[..2]);
    let port = controller.socket_address().port().to_string();
    let worker = announced(WORKER, &controller.url(""), &["--name", "w1"]);
    instances(&controller, 1);
    controller.signal("KILL");
    controller.ended();
    let controller = Process::start_at(&port, CONTROLLER, &QUICK[..2], &[]);
    let listed = instances(&controller, 1);
    assert_eq!(listed[0]["address"], worker.address);
}

#[test]
fn controller_on_a_unix_socket_is_announced_to() {
    let socket = format!("admin-fleet-{}.sock", std::process::id());
    let socket: PathBuf = std::env::temp_dir().join(socket);
    let controller = Command::new(CONTROLLER)
        .args(["--load", "0", "--no-tcp", "--unix"])
        .arg(&socket)
        .stderr(Stdio::null())
        .spawn();
    let _controller = Started(controller.expect("it starts"));
    poll_until("the socket", || socket.exists().then_some(()));
    let url = format!("unix:{}", socket.display());
    let mut worker = announced(WORKER, &url, &["--name", "w1"]);
    let targets = || ask_unix(&socket, "GET", "/fleet/targets", &["Host: localhost"]).body;
    poll_until("the target", || {
        targets().contains(&worker.address).then_some(())
    });
    worker.signal("TERM");
    assert!(worker.ended().success());
    assert_eq!(targets(), "[]");
}

#[test]
fn tls_and_tokens_protect_both_directions() {
    let folder = Folder::new("fleet");
    certificate(&folder, "ca");
    for name in ["controller", "worker"] {
        signed(&folder, name);
    }
    let [ca, tokens, token, worker_tokens] =
        ["ca.crt", "tokens", "token", "worker-tokens"].map(|name| folder.file(name));
    fs::write(&tokens, "ops dangerous s3cret\nworkers write t0ken\n").expect("a file");
    fs::write(&token, "t0ken\n").expect("a file");
    fs::write(&worker_tokens, "controller write w0rker\n").expect("a file");
    let tls =
        |name: &str| [format!("{name}.crt"), format!("{name}.key")].map(|file| folder.file(&file));
    let [certificate, key] = tls("controller");
    let controller = Process::start(
        CONTROLLER,
        &[
            &QUICK[..2],
            &["--tls-cert", &certificate, "--tls-key", &key],
            &["--token-file", &tokens, "--instances-ca", &ca],
            &["--instances-token-file", &worker_tokens],
        ]
        .concat(),
    );
    let url = format!("https://{}", controller.address);
    let [certificate, key] = tls("worker");
    let _worker = announced(
        WORKER,
        &url,
        &[
            &["--tls-cert", &certificate, "--tls-key", &key][..],
            &["--token-file", &worker_tokens, "--name", "w1"],
            &["--announce-ca", &ca, "--announce-token-file", &token],
        ]
        .concat(),
    );
    let authorization = ["--cacert", &ca, "-H", "Authorization: Bearer s3cret"];
    let health = poll_until("a worker that is ready", || {
        let health = curl(&authorization, &format!("{url}/fleet/health")).json();
        (health["ready"] == 1).then_some(health)
    });
    assert_eq!(health["instances"][0]["error"], Value::Null, "{health}");
    let set = format!("{url}/fleet/loglevel?logger_name=worker&level=DEBUG&ttl=1m");
    let set = curl(&[&authorization[..], &["-X", "PUT"]].concat(), &set);
    assert_eq!(set.status, 200, "{set:?}");
}

#[test]
fn mistakes_in_options_are_named() {
    let announce = ["--port", "0", "--announce", "http://127.0.0.1:9"];
    for (binary, more, expected) in [
        (
            WORKER,
            &["--host", "0.0.0.0"][..],
            "--announce needs --advertise IP:PORT",
        ),
        (WORKER, &["--advertise", "0.0.0.0:7000"], "unspecified"),
        (
            WORKER,
            &["--label", "a-b=c"],
            "Invalid name of a label: 'a-b'",
        ),
        (
            WORKER,
            &["--label", "a=1", "--label", "a=2"],
            "The label 'a' is given twice",
        ),
        (WORKER, &["--name", "a b"], "Invalid name: 'a b'"),
        (
            WORKER,
            &["--announce-token-file", "/nonexistent"],
            "/nonexistent",
        ),
        (
            CONTROLLER,
            &["--allow-instances", "10.0.0.0/33"],
            "Invalid range '10.0.0.0/33'",
        ),
        (
            CONTROLLER,
            &["--instances-ca", "/nonexistent"],
            "/nonexistent",
        ),
    ] {
        let (status, stderr) = run(binary, &[&announce[..], more].concat());
        assert_eq!(status, Some(1), "{more:?}: {stderr}");
        assert!(stderr.contains(expected), "{more:?}: {stderr}");
    }
    for option in [["--label", "role=worker"], ["--announce-interval", "5"]] {
        let (status, stderr) = run(WORKER, &[&["--port", "0"][..], &option].concat());
        assert_eq!(status, Some(2), "{stderr}");
        assert!(stderr.contains("--announce <URL>"), "{stderr}");
    }
}
