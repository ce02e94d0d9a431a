//! Unix sockets, sockets of systemd, and TLS, as options of the programs.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use admin_tests::{ask, ask_unix, curl, poll_until};

use crate::folder::{Folder, Started};
use crate::process::{Process, WORKER, run};

#[test]
fn unix_socket_is_one_more_listener() {
    let folder = Folder::new("unix");
    let path = folder.0.join("admin.sock");
    let arguments = ["--unix", &folder.file("admin.sock"), "--max-effect", "read"];
    let mut worker = Process::start(WORKER, &arguments);
    let listens = worker.logged(&["admin server listens", "admin.sock"]);
    assert!(
        listens.contains("root") && listens.contains("(read)"),
        "{listens}"
    );
    assert_eq!(ask_unix(&path, "GET", "/livez", &[]).status, 200);
    let refused = ask_unix(&path, "POST", "/metrics/reset", &[]);
    assert_eq!(refused.status, 403, "{refused:?}");
    let refused = ask(worker.socket_address(), "POST", "/metrics/reset", &[]);
    assert!(
        refused.body.contains("permits effects up to `read`"),
        "{refused:?}"
    );
    worker.signal("TERM");
    assert!(worker.ended().success());
    assert!(!path.exists());
}

#[test]
fn no_tcp_leaves_the_other_listeners() {
    let (status, stderr) = run(WORKER, &["--no-tcp"]);
    assert_eq!(status, Some(2), "{stderr}");
    assert!(
        stderr.contains("--unix") && stderr.contains("--systemd"),
        "{stderr}"
    );
    let folder = Folder::new("no-tcp");
    let path = folder.0.join("admin.sock");
    let child = Command::new(WORKER)
        .args(["--no-tcp", "--unix"])
        .arg(&path)
        .stderr(Stdio::null())
        .spawn();
    let _worker = Started(child.expect("it starts"));
    poll_until("the socket", || path.exists().then_some(()));
    assert_eq!(ask_unix(&path, "GET", "/livez", &[]).status, 200);
}

#[test]
fn systemd_activates_by_name() {
    let folder = Folder::new("systemd");
    let path = folder.0.join("admin.sock");
    let socket = folder.file("admin.sock");
    // It starts the program at the first connection.
    let child = Command::new("systemd-socket-activate")
        .args(["--listen", &socket, "--fdname", "admin", WORKER])
        .args(["--no-tcp", "--systemd", "admin"])
        .stderr(Stdio::null())
        .spawn()
        .expect("systemd-socket-activate is installed; `./ci.sh test` installs it");
    let _worker = Started(child);
    poll_until("the socket", || path.exists().then_some(()));
    for _ in 0..2 {
        assert_eq!(ask_unix(&path, "GET", "/livez", &[]).body, "ok");
    }
    assert_eq!(ask_unix(&path, "POST", "/metrics/reset", &[]).status, 200);
}

#[test]
fn unclaimed_sockets_of_systemd_are_logged() {
    let folder = Folder::new("unclaimed");
    let socket = folder.file("web.sock");
    let log = folder.0.join("log");
    let child = Command::new("systemd-socket-activate")
        .args([
            "--listen", &socket, "--fdname", "web", WORKER, "--port", "0",
        ])
        .stderr(fs::File::create(&log).expect("a file"))
        .spawn()
        .expect("systemd-socket-activate is installed; `./ci.sh test` installs it");
    let _worker = Started(child);
    poll_until("the log line", || {
        let _ = UnixStream::connect(&socket); // the first connection starts the program
        let text = fs::read_to_string(&log).ok()?;
        let mut lines = text.lines();
        lines
            .any(|line| line.contains("no listener of this server uses") && line.contains("web"))
            .then_some(())
    });
}

#[test]
fn missing_sockets_of_systemd_are_named() {
    let (status, stderr) = run(WORKER, &["--port", "0", "--systemd", "admin"]);
    assert_eq!(status, Some(1), "{stderr}");
    let text = "cannot listen on admin: systemd has passed no socket to this process";
    assert!(stderr.contains(text), "{stderr}");
}

/// A certificate that signs itself, by openssl.
pub(crate) fn certificate(folder: &Folder, name: &str) {
    make_certificate(folder, name, &[]);
}

#[test]
fn tls_files_are_reloaded_or_refused() {
    let folder = Folder::new("tls");
    certificate(&folder, "tls");
    let (file, key) = (folder.file("tls.crt"), folder.file("tls.key"));
    let worker = Process::start(WORKER, &["--tls-cert", &file, "--tls-key", &key]);
    let port = worker.socket_address().port();
    let metric = |name: &str| {
        let url = format!("https://localhost:{port}/metrics");
        let reply = curl(&["--insecure"], &url).body;
        let line = reply.lines().find(|line| line.starts_with(name));
        line.map(str::to_owned)
    };
    let not_after = metric("admin_tls_not_after_seconds{").expect("the metric");
    assert!(
        not_after.contains(&format!("listener=\"127.0.0.1:{port}\"")),
        "{not_after}"
    );
    let failures = "admin_credentials_reload_failures_total";
    assert_eq!(metric(failures), Some(format!("{failures} 0")));
    certificate(&folder, "next");
    // Without its key.
    fs::copy(folder.file("next.crt"), &file).expect("a copy");
    let refused = worker.logged(&["new certificates not used"]);
    assert!(
        refused.contains("certificate and key cannot be used"),
        "{refused}"
    );
    assert_eq!(metric(failures), Some(format!("{failures} 1")));
    fs::copy(folder.file("next.key"), &key).expect("a copy");
    let _replaced = worker.logged(&["certificates replaced"]);
    let verified = ["--cacert", &folder.file("next.crt")];
    let reply = curl(&verified, &format!("https://localhost:{port}/livez"));
    assert_eq!(reply.body, "ok");
}

/// A certificate that `ca` has signed, by openssl.
pub(crate) fn signed(folder: &Folder, name: &str) {
    let (ca, key) = (folder.file("ca.crt"), folder.file("ca.key"));
    let constraints = "basicConstraints=critical,CA:FALSE";
    make_certificate(
        folder,
        name,
        &["-addext", constraints, "-CA", &ca, "-CAkey", &key],
    );
}

fn make_certificate(folder: &Folder, name: &str, more: &[&str]) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ])
        .args(["-nodes", "-days", "30", "-subj", &format!("/CN={name}")])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(more)
        .args(["-keyout", &folder.file(&format!("{name}.key"))])
        .args(["-out", &folder.file(&format!("{name}.crt"))])
        .stderr(Stdio::null())
        .status();
    let made = made.expect("openssl is installed; `./ci.sh test` installs it");
    assert!(made.success());
}

#[test]
fn prometheus_scrapes_over_mutual_tls() {
    let folder = Folder::new("prometheus");
    certificate(&folder, "ca");
    signed(&folder, "worker");
    signed(&folder, "prometheus");
    let tokens = folder.file("tokens");
    fs::write(&tokens, "prometheus read t0ken\n").expect("a file");
    let [ca, certificate, key] =
        ["ca.crt", "worker.crt", "worker.key"].map(|name| folder.file(name));
    let tls = [
        "--tls-cert",
        &certificate,
        "--tls-key",
        &key,
        "--client-ca",
        &ca,
    ];
    let worker = Process::start(WORKER, &[&tls[..], &["--token-file", &tokens]].concat());
    let config = format!(
        "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\n\
         scrape_configs:\n\
         - job_name: admin\n  \
           scheme: https\n  \
           authorization: {{credentials: t0ken}}\n  \
           tls_config: {{ca_file: {ca}, cert_file: {}, key_file: {}}}\n  \
           static_configs: [{{targets: ['{}']}}]\n",
        folder.file("prometheus.crt"),
        folder.file("prometheus.key"),
        worker.address,
    );
    fs::write(folder.file("prometheus.yml"), config).expect("a file");
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let child = Command::new("prometheus")
        .arg(format!("--config.file={}", folder.file("prometheus.yml")))
        .arg(format!("--storage.tsdb.path={}", folder.file("data")))
        .arg(format!("--web.listen-address={address}"))
        .stderr(Stdio::null())
        .spawn();
    let _prometheus = Started(child.expect("Prometheus is installed; `./ci.sh test` installs it"));
    poll_until("Prometheus", || TcpStream::connect(address).ok());
    poll_until("a scrape", || {
        let url = format!("http://{address}/api/v1/query?query=up");
        curl(&[], &url).body.contains(",\"1\"]").then_some(())
    });
}
