//! A program in a group of processes with little memory.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use admin_runtime::AdminServer;
use admin_tests::{
    Case, Program, Reply, ask, cases, connect, poll_until, read_to_end, wait_for_input,
};

use crate::client;

pub(crate) fn cases() -> Vec<Case> {
    let program = "memory_group::serve_in_24_mib";
    vec![client("in_24_mib", program, dumps_have_names)]
}

pub(crate) fn programs() -> Vec<Case> {
    cases![serve_in_24_mib]
}

const MAX_BYTES: &str = "25165824"; // 24 MiB

/// Longest wait for a dump.
const EVENT_TIMEOUT: Duration = Duration::from_secs(120);

/// Set for the program that runs in its group from its start.
const IN_GROUP: &str = "SERVER_IN_MEMORY_GROUP";

/// Where the groups are, and the file with the limit: version 1, then version 2.
const HIERARCHIES: [(&str, &str); 2] = [
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
    ("/sys/fs/cgroup", "memory.max"),
];

/// Enters a group and starts this program again in it, which then serves.
fn serve_in_24_mib() {
    if std::env::var_os(IN_GROUP).is_none() {
        match enter_group() {
            Ok(()) => {
                let program = std::env::current_exe().unwrap();
                panic!("{}", Command::new(program).env(IN_GROUP, "1").exec());
            }
            Err(error) => return println!("skipped: no memory group: {error}"),
        }
    }
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    println!("{}", server.local_addr());
    wait_for_input();
}

fn enter_group() -> io::Result<()> {
    let (hierarchy, limit) = hierarchy()?;
    let group = group(hierarchy, std::process::id());
    fs::create_dir(&group)?;
    let entered = fs::write(group.join(limit), MAX_BYTES)
        .and_then(|()| fs::write(group.join("cgroup.procs"), "0"));
    if entered.is_err() {
        let _ = fs::remove_dir(&group);
    }
    entered
}

fn hierarchy() -> io::Result<(&'static Path, &'static str)> {
    let controls = |root: &str| {
        Path::new(root).join("memory.stat").exists()
            || fs::read_to_string(Path::new(root).join("cgroup.subtree_control"))
                .is_ok_and(|controllers| controllers.contains("memory"))
    };
    let found = HIERARCHIES.into_iter().find(|(root, _)| controls(root));
    let (root, limit) = found.ok_or(io::ErrorKind::NotFound)?;
    Ok((Path::new(root), limit))
}

fn group(hierarchy: &Path, process: u32) -> PathBuf {
    hierarchy.join(format!("admin-tests-{process}"))
}

/// The system loads parts of the program again and again, which takes long with debug information.
fn dump(at: SocketAddr) -> Reply {
    let mut stream = connect(at);
    stream.set_read_timeout(Some(EVENT_TIMEOUT)).unwrap();
    let request = b"GET /threads HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).unwrap();
    read_to_end(&mut stream).expect("a reply")
}

/// The first dump loads the symbols of the program.
fn dumps_have_names(program: &mut Program) {
    let line = program.line();
    if line.starts_with("skipped") {
        return println!("{line}");
    }
    let at = line.parse().expect("an address");
    for round in 0..3 {
        let reply = dump(at);
        assert_eq!(reply.status, 200, "round {round}: {reply:?}");
        let named = reply.body.contains("wait_for_input");
        assert!(named, "round {round}: {}", reply.body);
    }
    assert_eq!(ask(at, "GET", "/name", &[]).body, "one");
    let process = program.id();
    program.rest();
    let (hierarchy, _) = hierarchy().expect("the program has one");
    // A process leaves its group after it has closed its output.
    poll_until("the group", || {
        fs::remove_dir(group(hierarchy, process)).ok()
    });
}
