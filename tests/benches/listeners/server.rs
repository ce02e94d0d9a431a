//! The server, in a process of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use admin_endpoints::loglevel::LogLevels;
use admin_runtime::listener::Listener;
use admin_runtime::{AdminServer, Limits, Upload, admin_endpoint};
use rustix::process::{Resource, getrlimit, setrlimit};
use tracing_subscriber::prelude::*;

/// The argument with which this executable starts itself as the server.
pub(crate) const ARGUMENT: &str = "serve";

/// More than the clients and the server have.
const DESCRIPTORS: u64 = 8192;

#[admin_endpoint(method = "POST", path = "/upload")]
async fn upload(file: Upload) -> String {
    file.bytes().len().to_string()
}

/// A running server, which ends with this.
pub(crate) struct ServerProcess {
    process: Child,
    pub(crate) address: SocketAddr,
    folder: PathBuf,
}

impl ServerProcess {
    /// With that many connections; the certificate of `folder`, if there is one, is served.
    pub(crate) fn start(max_connections: usize, certificate: Option<&str>) -> Self {
        let folder = std::env::temp_dir().join(format!("admin-listeners-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        if let Some(name) = certificate {
            write_certificate(&folder, name);
        }
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg(ARGUMENT)
            .arg(max_connections.to_string())
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line.trim().parse().unwrap();
        Self {
            process,
            address,
            folder,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A field of `/proc/PID/status` that is a number.
    pub(crate) fn status(&self, field: &str) -> u64 {
        status_field(&PathBuf::from(format!("/proc/{}/status", self.id())), field)
    }
}

/// A field of a file `status`; 0 if there is none.
pub(crate) fn status_field(file: &Path, field: &str) -> u64 {
    let status = fs::read_to_string(file).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.map_or(0, |number| number.parse().unwrap())
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Replaces certificate and key; returns the certificate.
pub(crate) fn write_certificate(folder: &Path, name: &str) -> String {
    let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    let key = rcgen::KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    fs::write(folder.join("tls.key"), key.serialize_pem()).unwrap();
    fs::write(folder.join("tls.crt"), &pem).unwrap();
    pem
}

pub(crate) fn raise_descriptor_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit
        .maximum
        .map_or(Some(DESCRIPTORS), |most| Some(most.min(DESCRIPTORS)));
    setrlimit(Resource::Nofile, limit).unwrap();
}

/// Runs as the server until the input ends, with all that the common routes need.
pub(crate) fn serve() {
    let mut arguments = std::env::args().skip(2);
    let max_connections = arguments.next().unwrap().parse().unwrap();
    let folder = PathBuf::from(arguments.next().unwrap());
    let levels = LogLevels::from_spec("info").unwrap();
    let console = tracing_subscriber::fmt::layer().with_writer(std::io::sink);
    tracing_subscriber::registry()
        .with(levels.filter())
        .with(console)
        .init();
    levels.keep_history();
    levels.install().unwrap();
    admin_endpoints::metrics::install().unwrap();
    let mut tcp = Listener::tcp("127.0.0.1:0");
    let certificate = folder.join("tls.crt");
    if certificate.exists() {
        tcp = tcp.tls(certificate, folder.join("tls.key"));
    }
    let server = AdminServer::builder()
        .limits(Limits::default().with_max_connections(max_connections))
        .listen(tcp)
        .listen(Listener::unix(folder.join("admin.sock")))
        .start()
        .unwrap();
    println!("{}", server.local_addr());
    let _ = std::io::stdin().read_line(&mut String::new());
}
