//! The commands of `examples/deploy/README.md`: an alert that fires and is resolved.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use admin_tests::{Reply, curl, poll_until};
use serde_json::Value;

use super::text;
use crate::folder::Folder;
use crate::process::{EVENT_TIMEOUT, WORKER};

/// How many ports the programs need.
const PORT_COUNT: usize = 7;

/// What Alertmanager sends.
struct Receivers(Receiver<Value>);

impl Receivers {
    /// Listens, and answers each notification.
    fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (notification, notifications) = channel();
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let received = receive(connection);
                if received.is_some_and(|one| notification.send(one).is_err()) {
                    return;
                }
            }
        });
        (Self(notifications), format!("http://{address}/"))
    }

    /// Waits for a notification about an instance with this status.
    fn wait_for(&self, status: &str, instance: &str) {
        let is_wanted = |alert: &Value| {
            let labels = &alert["labels"];
            alert["status"] == status
                && labels["alertname"] == "AdminInstanceDown"
                && labels["instance"] == instance
        };
        loop {
            let received = self.0.recv_timeout(EVENT_TIMEOUT);
            let received = received.unwrap_or_else(|_| panic!("no {status} for {instance}"));
            let alerts = received["alerts"].as_array().expect("a list");
            if alerts.iter().any(is_wanted) {
                return;
            }
        }
    }
}

/// One request with a body of JSON, which is answered with 200.
fn receive(connection: TcpStream) -> Option<Value> {
    let mut reader = BufReader::new(connection);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    reader.get_mut().write_all(answer).ok()?;
    serde_json::from_slice(&body).ok()
}

/// `demo.sh` with programs, folder and ports of this test; everything is stopped at the end.
struct Demo {
    folder: Folder,
    ports: Vec<u16>,
    receiver: String,
}

impl Demo {
    fn new(receiver: String) -> Self {
        let free = || TcpListener::bind("127.0.0.1:0").expect("a free port");
        let listeners: Vec<_> = (0..PORT_COUNT).map(|_| free()).collect();
        let ports = listeners.iter().map(|listener| listener.local_addr());
        let ports = ports.map(|address| address.expect("an address").port());
        Self {
            folder: Folder::new("demo"),
            ports: ports.collect(),
            receiver,
        }
    }

    /// Runs a command of the README in the folder of the project.
    fn run(&self, command: &str) -> String {
        let programs = Path::new(WORKER).parent().expect("a folder");
        let ports: Vec<_> = self.ports.iter().map(u16::to_string).collect();
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .env("DEMO_STATE", self.folder.0.join("state"))
            .env("DEMO_PROGRAMS", programs)
            .env("DEMO_PORTS", ports.join(" "))
            .env("DEMO_RECEIVER", &self.receiver)
            .output()
            .expect("sh starts");
        let [printed, errors] = [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert!(output.status.success(), "{command}\n{printed}{errors}");
        printed
    }

    /// The address of a program, by its place in the list of ports.
    fn url(&self, place: usize, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports[place])
    }

    fn controller(&self, path: &str) -> Value {
        curl(&[], &self.url(CONTROLLER, path)).json()
    }

    /// What an expression is in Prometheus: values by the label `instance`.
    fn query(&self, expression: &str) -> Vec<(String, String)> {
        let expression = format!("query={expression}");
        let arguments = ["--get", "--data-urlencode", &expression];
        let reply = curl(&arguments, &self.url(PROMETHEUS, "/api/v1/query")).json();
        let samples = reply["data"]["result"].as_array().expect("a vector").iter();
        let samples = samples.map(|sample| {
            let part = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (
                part(&sample["metric"]["instance"]),
                part(&sample["value"][1]),
            )
        });
        let mut samples: Vec<_> = samples.collect();
        samples.sort();
        samples
    }

    /// The states of the leases, by name.
    fn leases(&self) -> Vec<(String, String)> {
        let list = self.controller("/fleet/instances");
        let list = list["instances"].as_array().expect("a list").iter();
        let part = |value: &Value| value.as_str().expect("text").to_owned();
        list.map(|one| (part(&one["name"]), part(&one["lease"])))
            .collect()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Not `run`, which panics: the test may be failing already.
        let stop = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/demo.sh");
        let programs = Path::new(WORKER).parent().unwrap_or(Path::new("/"));
        let _ = Command::new(stop)
            .arg("stop")
            .env("DEMO_STATE", self.folder.0.join("state"))
            .env("DEMO_PROGRAMS", programs)
            .status();
    }
}

/// Places in the list of ports.
const CONTROLLER: usize = 0;
const FIRST_WORKER: usize = 2;
const PROMETHEUS: usize = 5;

/// The commands of the first block of the README.
fn commands(readme: &str) -> Vec<String> {
    let block = readme.split("```console\n").nth(1).expect("a block");
    let block = block.split("```").next().expect("it ends");
    let commands = block.lines().filter_map(|line| line.strip_prefix("$ "));
    commands.map(str::to_owned).collect()
}

/// The level of a logger of a worker.
fn level(demo: &Demo, worker: usize) -> String {
    let path = "/loglevel?logger_name=cache_engine*";
    curl(&[], &demo.url(FIRST_WORKER + worker, path)).body
}

fn set_levels(demo: &Demo, ttl: &str) -> Reply {
    let query = format!("logger_name=cache_engine*&level=DEBUG&ttl={ttl}&select=role%3Dworker");
    let url = demo.url(CONTROLLER, &format!("/fleet/loglevel?{query}"));
    curl(&["-X", "PUT"], &url)
}

/// Kills the controller and starts it again, with its alert between.
fn restart_controller(demo: &Demo, receivers: &Receivers) {
    let address = format!("127.0.0.1:{}", demo.ports[CONTROLLER]);
    demo.run("examples/deploy/demo.sh kill controller");
    receivers.wait_for("firing", &address);
    let printed = demo.run("examples/deploy/demo.sh restart controller");
    assert_eq!(printed, "resolved\n");
    receivers.wait_for("resolved", &address);
}

#[test]
fn alert_of_the_readme_fires_and_resolves() {
    let commands = commands(&text("README.md"));
    let [start, kill, restart] = &commands[..] else {
        panic!("three commands: {commands:?}");
    };
    let (receivers, receiver) = Receivers::start();
    let demo = Demo::new(receiver);

    let printed = demo.run(start);
    assert!(
        printed.contains("Prometheus scrapes 5 of 5 programs"),
        "{printed}"
    );
    let controller = format!("127.0.0.1:{}", demo.ports[CONTROLLER]);
    let up = |value: &str| {
        let instances = [&controller, "scheduler", "worker-0", "worker-1", "worker-2"];
        instances
            .map(|name| (name.to_owned(), value.to_owned()))
            .to_vec()
    };
    // A machine that does other things too may be late with one scrape.
    poll_until("all to be up", || {
        (demo.query("up") == up("1")).then_some(())
    });
    let workers = demo.query(r#"up{role="worker",job="admin"}"#);
    assert_eq!(
        workers.len(),
        3,
        "labels of announcements are those of series"
    );

    // One level for all workers, which the lease takes back.
    let before: [String; 3] = std::array::from_fn(|worker| level(&demo, worker));
    let changed = set_levels(&demo, "5s");
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.json()["changed"], 3, "{changed:?}");
    let leases = r#"max_over_time(admin_log_level_leases{role="worker"}[5m]) == 1"#;
    poll_until("the leases in Prometheus", || {
        (demo.query(leases).len() == 3).then_some(())
    });
    poll_until("the end of the leases", || {
        (0..3)
            .all(|worker| level(&demo, worker) == before[worker])
            .then_some(())
    });

    let printed = demo.run(kill);
    assert!(printed.contains("AdminInstanceDown"), "{printed}");
    receivers.wait_for("firing", "worker-1");
    // The end of the lease does not end the alert: Prometheus still has the target.
    let is_ended = |(name, lease): &(String, String)| name == "worker-1" && lease == "ended";
    poll_until("the end of the lease", || {
        demo.leases().iter().any(is_ended).then_some(())
    });
    poll_until("the targets to be read again", || {
        let targets = curl(&[], &demo.url(PROMETHEUS, "/api/v1/targets?state=active")).body;
        targets
            .contains(r#""__meta_admin_lease":"ended""#)
            .then_some(())
    });
    let firing = r#"ALERTS{alertname="AdminInstanceDown",alertstate="firing"}"#;
    let fires = [("worker-1".to_owned(), "1".to_owned())];
    let is_only_alert = || (demo.query(firing) == fires).then_some(());
    poll_until("one alert", is_only_alert);

    // A controller that has restarted does not know that an instance is missing; the alert goes on.
    restart_controller(&demo, &receivers);
    let is_dropped = || demo.query(r#"up{instance="worker-1"}"#).is_empty();
    poll_until("the target to be dropped", || is_dropped().then_some(()));
    poll_until("the alert from then on", || {
        let forgotten = demo.query("admin:instance_forgotten");
        (forgotten.len() == 1 && forgotten[0].0 == "worker-1").then_some(())
    });
    poll_until("one alert", is_only_alert);

    assert_eq!(demo.run(restart), "resolved\n");
    receivers.wait_for("resolved", "worker-1");
    poll_until("all to be up", || {
        (demo.query("up") == up("1")).then_some(())
    });

    // A controller that was killed has every instance again.
    poll_until("four leases", || {
        demo.leases()
            .iter()
            .all(|(_, lease)| lease == "live")
            .then_some(())
    });
    let registered = demo.leases();
    let since = demo.controller("/fleet/instances")["since"].clone();
    restart_controller(&demo, &receivers);
    poll_until("the instances", || {
        (demo.leases() == registered).then_some(())
    });
    assert_ne!(demo.controller("/fleet/instances")["since"], since);
    demo.run("examples/deploy/demo.sh stop");
}
