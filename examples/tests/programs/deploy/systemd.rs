//! The units, with the built worker in place of the installed one.

use std::process::{Command, Stdio};

use admin_tests::{ask_unix, poll_until};

use super::{accepted_by, text};
use crate::folder::{Folder, Started};
use crate::process::WORKER;

/// The most that `systemd-analyze security` may say, times ten: 10 is without any protection.
const MAX_EXPOSURE: &str = "--threshold=20";

#[test]
fn systemd_accepts_the_hardened_units() {
    let folder = Folder::new("units");
    let service = text("systemd/worker.service");
    assert!(service.contains("ExecStart=/usr/local/bin/worker "));
    let service = service.replace("/usr/local/bin/worker", WORKER);
    let service = folder.write("worker.service", service);
    let socket = folder.write("worker.socket", text("systemd/worker.socket"));
    let printed = accepted_by("systemd-analyze", &["verify", &service, &socket]);
    assert_eq!(printed, "", "systemd warns");
    let arguments = [
        "security",
        "--offline=true",
        "--no-pager",
        MAX_EXPOSURE,
        &service,
    ];
    let printed = accepted_by("systemd-analyze", &arguments);
    assert!(printed.contains("Overall exposure level"), "{printed}");
}

/// The values of a key of a unit.
fn values<'a>(unit: &'a str, key: &str) -> Vec<&'a str> {
    let lines = unit.lines();
    let values = lines.filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    values.collect()
}

#[test]
fn worker_runs_as_the_units_say() {
    let (service, socket) = (
        text("systemd/worker.service"),
        text("systemd/worker.socket"),
    );
    let folder = Folder::new("activation");
    let tokens = folder.write("tokens", "prometheus read t0ken-of-prometheus\n");
    let [command] = values(&service, "ExecStart")[..] else {
        panic!("one command");
    };
    let [options] = values(&service, "Environment")[..] else {
        panic!("one variable");
    };
    let options = options.trim_matches('"').strip_prefix("WORKER_OPTIONS=");
    let command = command.replace("$WORKER_OPTIONS", options.expect("the options"));
    let command = command.replace("${CREDENTIALS_DIRECTORY}/tokens", &tokens);
    let command = command.replace("--port 7000", "--port 0");
    let arguments = command.split(' ').skip(1);
    let [name] = values(&socket, "FileDescriptorName")[..] else {
        panic!("one name");
    };
    let path = folder.0.join("worker.sock");
    let child = Command::new("systemd-socket-activate")
        .args([
            "--listen",
            &folder.file("worker.sock"),
            "--fdname",
            name,
            WORKER,
        ])
        .args(arguments)
        .stderr(Stdio::null())
        .spawn();
    let _worker = Started(child.expect("`./ci.sh test` installs systemd"));
    poll_until("the socket", || path.exists().then_some(()));
    assert_eq!(ask_unix(&path, "GET", "/livez", &[]).body, "ok");
    // This user needs no token there; the unit permits no scripts.
    assert_eq!(ask_unix(&path, "POST", "/metrics/reset", &[]).status, 200);
    let script = ask_unix(&path, "POST", "/run_script", &[]);
    assert_eq!(script.status, 403, "{script:?}");
}

#[test]
fn stop_timeout_covers_the_drain() {
    let service = text("systemd/worker.service");
    let [timeout] = values(&service, "TimeoutStopSec")[..] else {
        panic!("one timeout");
    };
    let (_, drain) = service.split_once("--drain-seconds ").expect("a drain");
    let drain = drain.split_whitespace().next().expect("a number");
    let [timeout, drain]: [u64; 2] = [timeout, drain].map(|text| text.parse().expect("seconds"));
    assert!(
        timeout >= drain + 10,
        "{timeout} s are too few for {drain} s"
    );
}
