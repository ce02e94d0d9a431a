//! Heads of requests over a socket: each is answered soundly, writes pass only to a host and with an `Origin` of
//! this server, and paths and queries are decoded as their grammar says.
//!
//! The last byte selects the form. Either the input is sent as it is, or its lines are the target, `Host`,
//! `Origin` and further headers of a request. What is expected is computed here a second time.

#![no_main]

use std::borrow::Cow;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use admin_runtime::{AdminServer, Json, RunningServer, admin_endpoint};
use libfuzzer_sys::fuzz_target;
use rustix::net::sockopt::set_socket_linger;

/// A server that is silent for so long hangs.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// The name that `Host` may have beside loopback names.
const ALLOWED_HOST: &str = "admin.example";

static CHANGES: AtomicU64 = AtomicU64::new(0);

static SERVER: LazyLock<RunningServer> = LazyLock::new(|| {
    let builder = AdminServer::builder().bind("127.0.0.1:0");
    builder.allow_host(ALLOWED_HOST).start().expect("a server")
});

#[admin_endpoint(method = "POST", path = "/change")]
async fn change() {
    CHANGES.fetch_add(1, Ordering::SeqCst);
}

#[admin_endpoint(path = "/echo/{text}")]
async fn echo(text: String, q: Option<String>) -> Json<(String, Option<String>)> {
    Json((text, q))
}

fuzz_target!(|data: &[u8]| {
    let (&mode, data) = data.split_last().unwrap_or((&0, &[]));
    if mode & 1 == 0 {
        exchange(SERVER.local_addr(), data)
            .iter()
            .for_each(assert_sound);
        return;
    }
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if text.contains('\r') {
        return;
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let method = if mode & 2 == 0 { "GET" } else { "POST" };
    let before = CHANGES.load(Ordering::SeqCst);
    let replies = exchange(SERVER.local_addr(), request(method, &lines).as_bytes());
    replies.iter().for_each(assert_sound);
    if CHANGES.load(Ordering::SeqCst) != before {
        let host = authority_of(&lines);
        let origin = lines.get(2).map(|origin| origin.trim());
        assert!(is_own(host), "a write to the host {host:?}");
        let is_same = origin.is_none_or(|origin| is_same_origin(origin, host));
        assert!(is_same, "a write with the Origin {origin:?} at {host:?}");
    }
    if let ("GET", [reply]) = (method, replies.as_slice()) {
        assert_decoded(lines[0], reply);
    }
});

/// A request with these lines; the headers after the third are given whole.
fn request(method: &str, lines: &[&str]) -> String {
    let mut request = format!("{method} {} HTTP/1.1\r\n", lines[0]);
    for (name, line) in ["Host: ", "Origin: "].iter().zip(lines.iter().skip(1)) {
        request.push_str(&format!("{name}{line}\r\n"));
    }
    for line in lines.iter().skip(3).filter(|line| !line.is_empty()) {
        request.push_str(&format!("{line}\r\n"));
    }
    request.push_str("\r\n");
    request
}

/// A reply, whole.
#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

/// Sends the bytes, ends, and reads all replies.
fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<Reply> {
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    // Closed by a reset, so that the port is free at once.
    set_socket_linger(&stream, Some(Duration::ZERO)).expect("an option");
    stream
        .set_read_timeout(Some(READ_TIMEOUT))
        .expect("an option");
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut received = Vec::new();
    match stream.read_to_end(&mut received) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("no end: {error}"),
        _ => parse_all(&received, bytes.starts_with(b"HEAD ")),
    }
}

fn parse_all(mut received: &[u8], is_head: bool) -> Vec<Reply> {
    let mut replies = Vec::new();
    while let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = str::from_utf8(&received[..end])
            .expect("a head of text")
            .to_owned();
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        let length = lines
            .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map(|(_, length)| length.parse::<usize>().expect("a length"))
            .next_back();
        let rest = &received[end + 4..];
        let length = length.filter(|_| !is_head).unwrap_or(0).min(rest.len());
        replies.push(Reply {
            status: status.expect("a status"),
            head,
            body: rest[..length].to_vec(),
        });
        received = &rest[length..];
        if is_head {
            break;
        }
    }
    replies
}

/// What a client sent may be repeated, so that words do not tell; a panic would be a 500.
fn assert_sound(reply: &Reply) {
    let expected = matches!(reply.status, 100 | 200 | 204 | 400..=431 | 501 | 505);
    assert!(expected, "{reply:?}");
    assert!(reply.head.starts_with("HTTP/1."), "{reply:?}");
    for line in reply.head.split("\r\n").skip(1) {
        assert!(!line.chars().any(char::is_control), "{reply:?}");
        assert!(line.contains(": "), "{reply:?}");
    }
}

/// The authority of an absolute target, else that of `Host`.
fn authority_of<'a>(lines: &[&'a str]) -> &'a str {
    match lines[0].split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => {
            rest.split(['/', '?', '#']).next().unwrap_or_default()
        }
        _ => lines.get(1).map_or("", |host| host.trim()),
    }
}

/// The host of an authority.
fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Whether it is an address, a loopback name or the allowed one.
fn is_own(authority: &str) -> bool {
    let host = host_of(authority).to_ascii_lowercase();
    let name = host.strip_suffix('.').unwrap_or(&host);
    host.parse::<IpAddr>().is_ok_and(|ip| !ip.is_unspecified())
        || name == "localhost"
        || name.ends_with(".localhost")
        || name == ALLOWED_HOST
}

fn is_same_origin(origin: &str, host: &str) -> bool {
    [("http://", ":80"), ("https://", ":443")]
        .iter()
        .any(|(scheme, port)| {
            let with_port = |text: &str| {
                let has_port = text.trim_start_matches(|c| c != ']').contains(':')
                    || !text.starts_with('[') && text.contains(':');
                let port = if has_port { "" } else { port };
                format!("{}{port}", text.to_ascii_lowercase())
            };
            origin
                .strip_prefix(scheme)
                .is_some_and(|origin| with_port(origin) == with_port(host))
        })
}

/// A segment or a value of a query, if each `%` begins a triplet.
fn decoded(text: &str) -> Option<Cow<'_, [u8]>> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (hex, tail) = tail.split_at_checked(2)?;
        let digit = |byte: u8| char::from(byte).to_digit(16);
        bytes.push(u8::try_from(digit(hex[0])? * 16 + digit(hex[1])?).ok()?);
        rest = tail;
    }
    Some(bytes.into())
}

/// What `/echo/..` returns is what the target says.
fn assert_decoded(target: &str, reply: &Reply) {
    let Some(rest) = target.strip_prefix("/echo/") else {
        return;
    };
    if reply.status != 200 {
        return;
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (segment, query) = rest.split_once('?').unwrap_or((rest, ""));
    let json = String::from_utf8(reply.body.clone()).expect("JSON is text");
    let (text, q): (String, Option<String>) = serde_json::from_str(&json).expect("JSON");
    if let Some(segment) = decoded(segment) {
        assert_eq!(text.as_bytes(), &*segment, "{target:?}");
    }
    let query = query.replace('+', " ");
    let pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut of_q = pairs.filter(|(name, _)| decoded(name).as_deref() == Some(b"q"));
    // Of several the last one counts.
    if let Some(value) = of_q.next_back().and_then(|(_, value)| decoded(value)) {
        assert_eq!(q.as_deref().map(str::as_bytes), Some(&*value), "{target:?}");
    }
}
