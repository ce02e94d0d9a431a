//! Raw HTTP/1.1 over a socket, for requests that no client library would send.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use crate::reply::Reply;

/// Longest wait for a byte: a server that is silent for so long hangs.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// A connection with a deadline on every read.
///
/// # Panics
///
/// If the server does not accept.
#[must_use]
pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the server accepts");
    stream
        .set_read_timeout(Some(READ_TIMEOUT))
        .expect("a deadline");
    stream
}

/// Sends bytes and reads until the server closes; `None` if it closed without a reply.
///
/// # Panics
///
/// If the server neither answers nor closes.
#[must_use]
pub fn raw(address: SocketAddr, bytes: &[u8]) -> Option<Reply> {
    let mut stream = connect(address);
    // A server that refuses early closes before everything is written: only its reply matters.
    let _ = stream.write_all(bytes);
    read_to_end(&mut stream)
}

/// Reads until the server closes; `None` if it closed without a reply.
///
/// # Panics
///
/// If the server neither answers nor closes.
#[must_use]
pub fn read_to_end(stream: &mut TcpStream) -> Option<Reply> {
    let mut read = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => read.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            // A signal or a debugger interrupted it: a read with a deadline is not restarted.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => panic!("the server neither answers nor closes: {error}"),
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
    Reply::parse(&read)
}

/// One request on a connection of its own, without a body, with further header lines.
///
/// # Panics
///
/// If no reply comes.
#[must_use]
pub fn ask(address: SocketAddr, method: &str, target: &str, headers: &[&str]) -> Reply {
    send(address, method, target, headers, b"")
}

/// One request with a body.
///
/// # Panics
///
/// If no reply comes.
#[must_use]
pub fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[&str],
    body: &[u8],
) -> Reply {
    let mut request = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
    if !headers
        .iter()
        .any(|header| header.to_ascii_lowercase().starts_with("host:"))
    {
        request.push_str(&format!("Host: {address}\r\n"));
    }
    for header in headers {
        request.push_str(&format!("{header}\r\n"));
    }
    if !body.is_empty() {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    request.push_str("\r\n");
    let mut bytes = request.into_bytes();
    bytes.extend_from_slice(body);
    raw(address, &bytes).expect("a reply")
}

/// One request over a Unix socket, with further header lines, and `Host` only if it is among them.
///
/// # Panics
///
/// If no reply comes.
#[must_use]
pub fn ask_unix(path: &Path, method: &str, target: &str, headers: &[&str]) -> Reply {
    let mut stream = UnixStream::connect(path).expect("the server accepts");
    stream
        .set_read_timeout(Some(READ_TIMEOUT))
        .expect("a deadline");
    let mut head = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).expect("the server reads");
    let mut read = Vec::new();
    stream.read_to_end(&mut read).expect("the server closes");
    Reply::parse(&read).expect("a reply")
}
