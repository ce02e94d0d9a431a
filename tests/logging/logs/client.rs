//! A client that reads a stream line by line.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use admin_tests::{connect, poll_until};
use serde_json::Value;

/// A reply that is being read. HTTP/1.0, so that the body is not in chunks.
pub(crate) struct Client {
    pub(crate) head: String,
    reader: BufReader<TcpStream>,
}

impl Client {
    /// Returns when the head is read: from then on nothing is missed. Waits for room if the server
    /// has not noticed yet that an earlier client is gone.
    pub(crate) fn open(at: SocketAddr, query: &str, headers: &[&str]) -> Self {
        let client = poll_until("room for a client", || {
            let client = Self::try_open(at, query, headers);
            (!client.head.contains(" 429 ")).then_some(client)
        });
        assert!(client.head.contains(" 200 "), "{}", client.head);
        client
    }

    fn try_open(at: SocketAddr, query: &str, headers: &[&str]) -> Self {
        let mut stream = connect(at);
        let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let request = format!("GET /logs?{query} HTTP/1.0\r\nHost: {at}\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut client = Self {
            head: String::new(),
            reader: BufReader::new(stream),
        };
        loop {
            let line = client.line().expect("a head");
            if line.is_empty() {
                return client;
            }
            client.head += &line.to_ascii_lowercase();
            client.head += "\n";
        }
    }

    pub(crate) fn socket(&self) -> &TcpStream {
        self.reader.get_ref()
    }

    /// The next line without its end; `None` at the end of the stream.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line).unwrap();
        let line = String::from_utf8(line).unwrap();
        let line = line.strip_suffix('\n')?;
        Some(line.strip_suffix('\r').unwrap_or(line).to_owned())
    }

    /// The next object.
    pub(crate) fn object(&mut self) -> Option<Value> {
        loop {
            let line = self.line()?;
            if !line.is_empty() {
                return Some(serde_json::from_str(&line).expect(&line));
            }
        }
    }

    /// All objects to the end.
    pub(crate) fn objects(&mut self) -> Vec<Value> {
        std::iter::from_fn(|| self.object()).collect()
    }

    /// The next object with this message.
    pub(crate) fn message(&mut self, message: &str) -> Value {
        let found =
            std::iter::from_fn(|| self.object()).find(|object| object["message"] == message);
        found.unwrap_or_else(|| panic!("no record {message:?}"))
    }

    /// All bytes to the end.
    pub(crate) fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.reader.read_to_string(&mut rest).unwrap();
        rest
    }
}

impl Drop for Client {
    /// Resets the connection, which the server notices at once.
    fn drop(&mut self) {
        reset_at_close(self.socket());
    }
}

pub(crate) fn reset_at_close(stream: &TcpStream) {
    let linger = Some(std::time::Duration::ZERO);
    rustix::net::sockopt::set_socket_linger(stream, linger).unwrap();
}
