//! Each single-file example runs, and the commands that it prints work.

#![allow(clippy::disallowed_methods, reason = "a test starts processes")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use admin_tests::{Reply, curl, poll_until};
use serde_json::json;

/// A running example; killed when dropped.
struct Example {
    process: Child,
    address: String,
    commands: Vec<String>,
}

impl Example {
    /// Starts an example on a free port and reads the commands that it prints.
    fn start(name: &str, commands: usize) -> Self {
        let mut process = Command::new(binary(name))
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{name}: {error}; build it with `cargo build --examples`")
            });
        let stdout = BufReader::new(process.stdout.take().expect("a pipe"));
        let lines = stdout.lines().map_while(Result::ok).take(commands);
        let commands: Vec<_> = lines.collect();
        let (_, after) = commands[0].split_once("http://").expect("a URL");
        let address = after.split('/').next().expect("an address").to_owned();
        Self {
            process,
            address,
            commands,
        }
    }

    /// Runs the printed command whose URL has this path, query included.
    #[track_caller]
    fn run(&self, target: &str) -> Reply {
        let url = format!("http://{}{target}", self.address);
        let words = |command: &String| -> Vec<String> {
            let words = command
                .split(' ')
                .map(|word| word.trim_matches('\'').to_owned());
            words.collect()
        };
        let mut printed = self.commands.iter().map(words);
        let command = printed
            .find(|words| words.last() == Some(&url))
            .unwrap_or_else(|| panic!("{url} is not in {:?}", self.commands));
        assert_eq!(command[0], "curl");
        let arguments: Vec<_> = command[1..command.len() - 1]
            .iter()
            .map(String::as_str)
            .collect();
        curl(&arguments, &url)
    }

    fn get(&self, target: &str) -> Reply {
        curl(&[], &format!("http://{}{target}", self.address))
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Cargo puts examples beside the folder of the tests.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a path");
    let profile = test
        .parent()
        .and_then(|deps| deps.parent())
        .expect("target/debug/deps");
    profile.join("examples").join(name)
}

#[test]
fn greet_repeats_the_name() {
    let example = Example::start("greet", 1);
    let reply = example.run("/greet/ada?times=2&shout=true");
    assert_eq!(reply.json(), json!(["ADA", "ADA"]));
    assert_eq!(example.get("/greet/ada").json(), json!(["ada"]));
}

#[test]
fn state_changes_the_limit_of_a_queue() {
    let example = Example::start("state", 2);
    assert_eq!(
        example.run("/queues").json(),
        json!({"index": 8, "mail": 100})
    );
    assert_eq!(example.run("/queues/mail/limit?jobs=20").json(), json!(20));
    assert_eq!(
        example.run("/queues").json(),
        json!({"index": 8, "mail": 20})
    );
}

#[test]
fn periodic_removes_an_expired_session() {
    let example = Example::start("periodic", 4);
    assert_eq!(example.run("/sessions/ada?seconds=2").json(), json!("ada"));
    assert_eq!(example.run("/sessions").json(), json!(["ada"]));
    poll_until("the session to expire", || {
        (example.run("/sessions").json() == json!([])).then_some(())
    });
    let sweeper = example.run("/periodic-threads/sweeper?history=true").json();
    let runs = sweeper["recent_runs"].as_array().expect("a list of runs");
    let removed = |run: &serde_json::Value| run["message"] == "removed 1 sessions";
    assert!(runs.iter().any(removed), "{sweeper:#}");
    assert_eq!(
        example.run("/periodic-threads-health").json()["healthy"],
        true
    );
}

#[test]
fn metrics_counts_what_was_computed() {
    let example = Example::start("metrics", 2);
    assert_eq!(example.run("/primes?below=1000").json(), json!(168));
    let exposition = example.run("/metrics").body;
    for line in [
        "# HELP sieved_numbers_total Numbers that were checked",
        "sieved_numbers_total 1000",
        "# TYPE sieve_seconds histogram",
        "sieve_seconds_count 1",
    ] {
        assert!(
            exposition.lines().any(|shown| shown == line),
            "{line}\n{exposition}"
        );
    }
    let refused = example.get("/primes?below=10000001");
    assert_eq!(refused.status, 400, "{}", refused.body);
}

#[test]
fn mount_axum_serves_application_and_admin_plane() {
    serves_application_and_admin_plane(&Example::start("mount_axum", 4));
}

#[test]
fn mount_hyper_serves_application_and_admin_plane() {
    serves_application_and_admin_plane(&Example::start("mount_hyper", 4));
}

#[test]
fn mount_tower_serves_application_and_admin_plane() {
    serves_application_and_admin_plane(&Example::start("mount_tower", 4));
}

#[test]
fn mount_warp_serves_application_and_admin_plane() {
    serves_application_and_admin_plane(&Example::start("mount_warp", 4));
}

/// Routes that answer for as long as they are asked to.
const LASTING: [&str; 4] = [
    "/debug/fgprof",
    "/debug/pprof/fgprof",
    "/debug/pprof/profile",
    "/logs",
];

/// What redirects to the same path with a slash at its end.
const REDIRECT: &str = "/debug/pprof";

/// What needs another allocator, or Go's runtime.
const ABSENT: [&str; 3] = [
    "/debug/pprof/allocs",
    "/debug/pprof/heap",
    "/debug/pprof/trace",
];

/// The directory of instances, which one process of a fleet has.
const DIRECTORY: &str = "/fleet/";

#[test]
fn no_route_lacks_a_line_after_setup() {
    for name in ["setup", "setup_tokio"] {
        let example = Example::start(name, 1);
        let index = example.run("/").json();
        for endpoint in index["endpoints"].as_array().expect("a list") {
            let (method, path) = (
                &endpoint["method"],
                endpoint["path"].as_str().expect("a path"),
            );
            if method == "GET" && !path.contains('{') {
                let query = if LASTING.contains(&path) {
                    "?seconds=1"
                } else {
                    ""
                };
                let reply = example.get(&format!("{path}{query}"));
                let expected = match path {
                    REDIRECT => 301,
                    absent if ABSENT.contains(&absent) || absent.starts_with(DIRECTORY) => 501,
                    _ => 200,
                };
                assert_eq!(reply.status, expected, "{name}: {path}: {}", reply.body);
            }
        }
        let script = concat!("script=@", env!("CARGO_MANIFEST_DIR"), "/tests/seven.py");
        let url = format!("http://{}/run_script", example.address);
        let reply = curl(&["-X", "POST", "-F", script], &url);
        assert_eq!((reply.status, &*reply.body), (200, "7"), "{name}");
    }
}

/// The documents have the programs that are tested above, word for word.
#[test]
fn documents_show_the_setup_examples() {
    let program = |source: &'static str| source.split_once("try\")]\n\n").expect("a head").1;
    let setup = program(include_str!("../examples/setup.rs"));
    let setup_tokio = program(include_str!("../examples/setup_tokio.rs"));
    let guide = include_str!("../../admin-endpoints/docs/setup.md");
    assert!(include_str!("../../README.md").contains(setup));
    assert!(guide.contains(setup) && guide.contains(setup_tokio));
}

fn serves_application_and_admin_plane(example: &Example) {
    assert_eq!(example.run("/").body, "visit 1\n");
    assert_eq!(example.run("/").body, "visit 2\n");
    assert_eq!(example.run("/admin/visits").json(), json!(2));
    assert_eq!(example.run("/admin/visits/reset").json(), json!(2));
    assert_eq!(example.run("/admin/visits").json(), json!(0));
    let health = example.run("/admin/periodic-threads-health?probe=true");
    assert_eq!(
        (health.status, &health.json()["healthy"]),
        (200, &json!(true))
    );
    assert_eq!(example.get("/admin/visits").status, 401);
    assert_eq!(example.get("/nope").status, 404);
}
