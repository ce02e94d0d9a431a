//! The load generator: a process of its own, told over a pipe what to send.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use admin_tests::TlsClient;

/// Keep-alive connections that send requests at the same time.
pub(crate) const CONNECTIONS: usize = 16;

/// Requests on each connection before any is measured.
const WARM_UP_REQUESTS: usize = 8;

/// The word for a file where there is no TLS.
const NO_CERTIFICATE: &str = "-";

/// What the generator asks for.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) path: &'static str,
    /// The file of the certificate that the server has, if it speaks TLS.
    pub(crate) certificate: Option<&'static str>,
}

/// The generator as the measuring process sees it. It ends when its input is closed.
pub(crate) struct LoadGenerator {
    process: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl LoadGenerator {
    pub(crate) fn spawn() -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg(super::LOAD_ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            commands: process.stdin.take(),
            answers: BufReader::new(process.stdout.take().unwrap()),
            process,
        }
    }

    /// Closes the connections that are open, opens new ones and warms them up.
    pub(crate) fn connect(&mut self, target: Target) {
        let certificate = target.certificate.unwrap_or(NO_CERTIFICATE);
        self.command(&format!(
            "connect {} {} {certificate}",
            target.address, target.path
        ));
    }

    /// Sends that many requests over each connection and returns after the last reply.
    pub(crate) fn send(&mut self, requests_per_connection: usize) {
        self.command(&format!("send {requests_per_connection}"));
    }

    fn command(&mut self, command: &str) {
        writeln!(self.commands.as_mut().unwrap(), "{command}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "done\n", "the load generator failed: {command}");
    }
}

impl Drop for LoadGenerator {
    fn drop(&mut self) {
        drop(self.commands.take());
        self.process.wait().unwrap();
    }
}

/// Runs as the generator until the input ends.
pub(crate) fn generate() {
    let mut connections = Vec::new();
    for command in std::io::stdin().lines() {
        let command = command.unwrap();
        let words: Vec<_> = command.split(' ').collect();
        match words[..] {
            ["connect", address, path, certificate] => {
                let tls = (certificate != NO_CERTIFICATE).then(|| {
                    let pem = std::fs::read_to_string(certificate).unwrap();
                    TlsClient::trusting(&pem)
                });
                connections = (0..CONNECTIONS)
                    .map(|_| Connection::open(address, path, tls.as_ref()))
                    .collect();
                send_on_all(&mut connections, WARM_UP_REQUESTS);
            }
            ["send", requests] => send_on_all(&mut connections, requests.parse().unwrap()),
            _ => panic!("not a command: {command}"),
        }
        println!("done");
    }
}

fn send_on_all(connections: &mut [Connection], requests: usize) {
    std::thread::scope(|scope| {
        for connection in connections {
            scope.spawn(move || (0..requests).for_each(|_| connection.exchange()));
        }
    });
}

trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// One keep-alive connection; it sends the next request after the reply to the last.
struct Connection {
    stream: Box<dyn Stream>,
    request: String,
    received: Vec<u8>,
}

impl Connection {
    fn open(address: &str, path: &str, tls: Option<&TlsClient>) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let stream: Box<dyn Stream> = match tls {
            None => Box::new(stream),
            Some(tls) => Box::new(tls.speak(stream)),
        };
        let headers = format!("host: {address}\r\nuser-agent: curl/7.88.1\r\naccept: */*");
        Self {
            stream,
            request: format!("GET {path} HTTP/1.1\r\n{headers}\r\n\r\n"),
            received: Vec::new(),
        }
    }

    fn exchange(&mut self) {
        self.stream.write_all(self.request.as_bytes()).unwrap();
        self.received.clear();
        let mut chunk = [0; 8192];
        while !is_whole_reply(&self.received) {
            let count = self.stream.read(&mut chunk).unwrap();
            assert!(count > 0, "the server closed the connection");
            self.received.extend_from_slice(&chunk[..count]);
        }
        assert!(self.received.starts_with(b"HTTP/1.1 200 "));
    }
}

/// Whether the bytes hold a head and the body whose length it says.
fn is_whole_reply(received: &[u8]) -> bool {
    let Some(head) = received.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let text = std::str::from_utf8(&received[..head]).unwrap();
    let mut headers = text.lines().filter_map(|line| line.split_once(": "));
    let (_, length) = headers
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .expect("a reply of known length");
    received.len() == head + 4 + length.parse::<usize>().unwrap()
}
