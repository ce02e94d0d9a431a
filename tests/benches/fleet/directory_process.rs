//! The directory, in a process of its own, and the requests to it.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use admin_endpoints::fleet::FleetConfig;
use admin_runtime::AdminServer;

use crate::instances::Announced;

admin_runtime::link!(admin_endpoints);

/// What makes this program the directory.
pub(crate) const ARGUMENT: &str = "--directory";

/// Serves until its parent ends.
pub(crate) fn serve() {
    let server = AdminServer::builder()
        .bind("127.0.0.1:0")
        .config(FleetConfig::new())
        .start()
        .unwrap();
    println!("{}", server.local_addr());
    let _ = std::io::stdin().read(&mut [0]);
}

/// Killed when dropped.
pub(crate) struct DirectoryProcess {
    child: Child,
    address: SocketAddr,
}

impl DirectoryProcess {
    pub(crate) fn start() -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let address = line.trim().parse().unwrap();
        Self { child, address }
    }

    /// One request on a connection of its own, as instances send them: status and body.
    pub(crate) fn send(&self, method: &str, target: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    pub(crate) fn get(&self, target: &str) -> String {
        let (status, body) = self.send("GET", target, "");
        assert_eq!(status, 200, "{body}");
        body
    }

    pub(crate) fn announce(&self, one: &Announced) {
        let status = self.try_announce(one);
        assert_eq!(status, 200, "{}", one.name);
    }

    pub(crate) fn try_announce(&self, one: &Announced) -> u16 {
        let target = format!("/fleet/instances/{}", one.name);
        self.send("PUT", &target, &one.body()).0
    }

    pub(crate) fn remove(&self, one: &Announced) {
        let target = format!("/fleet/instances/{}?boot_id={}", one.name, one.boot);
        assert_eq!(self.send("DELETE", &target, "").0, 200, "{}", one.name);
    }

    /// The processor time of all its threads.
    pub(crate) fn cpu_time(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let times = tasks.filter_map(|task| {
            let text = fs::read_to_string(task.unwrap().path().join("schedstat")).ok()?;
            text.split(' ')
                .next()?
                .parse()
                .ok()
                .map(Duration::from_nanos)
        });
        times.sum()
    }

    pub(crate) fn resident_bytes(&self) -> u64 {
        self.status_bytes("VmRSS:")
    }

    pub(crate) fn highest_resident_bytes(&self) -> u64 {
        self.status_bytes("VmHWM:")
    }

    fn status_bytes(&self, key: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        let kibibytes = line.unwrap().trim().trim_end_matches(" kB");
        kibibytes.parse::<u64>().unwrap() * 1024
    }
}

impl Drop for DirectoryProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
