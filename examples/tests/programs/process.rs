//! A built binary, started as a user starts it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// A running binary; killed when dropped.
pub(crate) struct Process {
    child: Child,
    log: Receiver<String>,
    pub(crate) address: String,
}

pub(crate) const WORKER: &str = env!("CARGO_BIN_EXE_worker");
pub(crate) const SCHEDULER: &str = env!("CARGO_BIN_EXE_scheduler");
pub(crate) const CONTROLLER: &str = env!("CARGO_BIN_EXE_controller");
pub(crate) const ALL: [&str; 3] = [WORKER, SCHEDULER, CONTROLLER];

/// Longer than anything takes on a machine that does other things too.
pub(crate) const EVENT_TIMEOUT: Duration = Duration::from_secs(60);

/// The variable that every process has, to be seen in `/env`.
pub(crate) const VARIABLE: (&str, &str) = ("ADMIN_EXAMPLE", "seen");

impl Process {
    /// Starts a binary on a free port and waits until it listens.
    pub(crate) fn start(binary: &str, args: &[&str]) -> Self {
        Self::start_at("0", binary, args, &[])
    }

    /// Starts a binary on this port, with these variables.
    pub(crate) fn start_at(
        port: &str,
        binary: &str,
        args: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        // These tests may run under `nohup`, and children inherit ignored signals.
        let mut child = Command::new("env")
            .args(["--default-signal=HUP", binary, "--port", port])
            .args(args)
            .env(VARIABLE.0, VARIABLE.1)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let stderr = child.stderr.take().expect("stderr is a pipe");
        let (line, log) = mpsc::channel();
        thread::spawn(move || {
            for text in BufReader::new(stderr).lines().map_while(Result::ok) {
                // Read on when nobody listens: a full pipe would block the process.
                let _ = line.send(text);
            }
        });
        let mut process = Self {
            child,
            log,
            address: String::new(),
        };
        let listens = process.logged(&["admin server listens"]);
        let (_, address) = listens
            .split_once("address=")
            .expect("the log has the address");
        process.address = address.split(' ').next().unwrap_or_default().to_owned();
        process
    }

    /// Waits for the log line that has all of these in it.
    pub(crate) fn logged(&self, parts: &[&str]) -> String {
        let mut seen = Vec::new();
        let deadline = Instant::now() + EVENT_TIMEOUT;
        while let Ok(line) = self
            .log
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            if parts.iter().all(|part| line.contains(part)) {
                return line;
            }
            seen.push(line);
        }
        panic!("no line with {parts:?} in\n{}", seen.join("\n"));
    }

    /// Sends a signal, by its name without SIG.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &kill]).status();
        assert!(sent.expect("sh starts").success());
    }

    /// Waits until it has ended.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        // Its end closes stderr, and that ends the log: nothing is polled.
        let deadline = Instant::now() + EVENT_TIMEOUT;
        while self
            .log
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            .is_ok()
        {}
        assert!(Instant::now() < deadline, "the process has not ended");
        self.child.wait().expect("a child can be waited for")
    }

    pub(crate) fn socket_address(&self) -> SocketAddr {
        self.address.parse().expect("an address")
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a binary that is to end by itself: its exit status and stderr.
pub(crate) fn run(binary: &str, args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(binary).args(args).output();
    let output = output.expect("the binary starts");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), stderr)
}
