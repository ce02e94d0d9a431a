//! What clients do to the server.

use std::io::{self, ErrorKind, Read, Write};

use super::connection::Connection;

/// One kind of request, or of misbehaviour.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    /// Any read, on a connection of its own.
    Read,
    /// Four reads on one connection.
    KeepAlive,
    Probe,
    Scrape,
    Dump,
    Script,
    Upload,
    Write,
    CpuProfile,
    WallProfile,
    LogStream,
    /// An upload whose client resets the connection.
    CutUpload,
    /// A request whose client resets the connection.
    Reset,
    /// A profile whose client resets the connection.
    CutProfile,
    /// A head that is not HTTP.
    Malformed,
    /// A head whose client ends in the middle.
    HalfHead,
}

const READS: [&str; 22] = [
    "/",
    "/openapi.json",
    "/env",
    "/audit?limit=5",
    "/build",
    "/config",
    "/loglevel",
    "/metrics",
    "/debug/pprof/",
    "/debug/pprof/goroutine",
    "/debug/pprof/cmdline",
    "/debug/pprof/threadcreate",
    "/debug/pprof/block",
    "/debug/pprof/heap",
    "/debug/pprof/trace",
    "/periodic-threads",
    "/periodic-threads-health",
    "/livez?verbose",
    "/readyz?verbose",
    "/run_script/sandbox",
    "/name",
    "/nope",
];

/// A number of loggers whose level is set, so that their table does not grow.
const LOGGERS: usize = 20;

const MALFORMED: [&str; 5] = [
    "GET /name HTTP/1.1\r\nHost: localhost\r\n:\r\n\r\n",
    "GET /name\r\n\r\n",
    "\u{1}\u{2}\r\n\r\n",
    "GET /name HTTP/1.1\r\nHost : localhost\r\n\r\n",
    "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
];

impl Operation {
    pub(super) const SHORT: &[Self] = &[
        Self::Read,
        Self::KeepAlive,
        Self::Probe,
        Self::Scrape,
        Self::Read,
        Self::Script,
        Self::Upload,
        Self::Write,
        Self::CutUpload,
        Self::Reset,
        Self::CutProfile,
        Self::Malformed,
        Self::HalfHead,
    ];

    pub(super) const WAITING: &[Self] = &[
        Self::CpuProfile,
        Self::Dump,
        Self::WallProfile,
        Self::LogStream,
    ];

    pub(super) const ALL: [Self; 16] = [
        Self::Read,
        Self::KeepAlive,
        Self::Probe,
        Self::Scrape,
        Self::Dump,
        Self::Script,
        Self::Upload,
        Self::Write,
        Self::CpuProfile,
        Self::WallProfile,
        Self::LogStream,
        Self::CutUpload,
        Self::Reset,
        Self::CutProfile,
        Self::Malformed,
        Self::HalfHead,
    ];

    /// Does it once.
    ///
    /// # Errors
    ///
    /// What was not as expected.
    pub(super) fn send(
        self,
        connection: io::Result<Connection>,
        turn: usize,
    ) -> Result<(), String> {
        let connection = connection.map_err(|error| format!("connect: {:?}", error.kind()))?;
        let logger = format!("logger_name=soak.{}", turn % LOGGERS);
        match self {
            Self::Read => {
                let path = READS[turn / Self::SHORT.len() % READS.len()];
                // It waits for a dump of all threads, which a busy machine may not take in time.
                let is_dump = path == "/debug/pprof/goroutine";
                let statuses = if is_dump { BUSY } else { &[200, 404, 501] };
                let outcome = answered(connection, get(path, "close"), statuses);
                outcome.map_err(|what| format!("{path}: {what}"))
            }
            Self::KeepAlive => {
                let requests = get("/name", "keep-alive").repeat(3) + &get("/name", "close");
                answered(connection, requests, &[200])
            }
            Self::Probe => answered(connection, get("/readyz", "close"), &[200]),
            Self::Scrape => answered(connection, get("/metrics", "close"), &[200]),
            Self::Dump => answered(connection, get("/threads", "close"), BUSY),
            Self::Script => {
                let script = format!("print({turn})\nresult = sum(range(100))\n");
                answered(connection, form("/run_script", script.as_bytes()), BUSY)
            }
            Self::Upload => {
                let content = vec![b'x'; 900_000];
                answered(connection, form("/upload", &content), &[200])
            }
            Self::Write => {
                let (method, target) = match turn / Self::SHORT.len() % 4 {
                    0 => ("PUT", format!("/loglevel?{logger}&level=debug&ttl=1s")),
                    1 => ("DELETE", format!("/loglevel?{logger}")),
                    2 => ("POST", "/metrics/reset".to_owned()),
                    _ => ("POST", "/periodic-threads/heartbeat/run".to_owned()),
                };
                answered(
                    connection,
                    request(method, &target, "close"),
                    &[200, 202, 404, 409],
                )
            }
            Self::CpuProfile => {
                let path = "/debug/pprof/profile?seconds=1";
                answered(connection, get(path, "close"), BUSY)
            }
            Self::WallProfile => {
                let path = "/debug/fgprof?seconds=1&format=svg";
                answered(connection, get(path, "close"), BUSY)
            }
            Self::LogStream => {
                let path = "/logs?seconds=1&filter=debug&tail=10";
                answered(connection, get(path, "close"), BUSY)
            }
            Self::CutUpload => {
                let mut part = form("/upload", &vec![b'x'; 900_000]);
                part.truncate(100_000);
                cut(connection, &part)
            }
            Self::Reset => cut(connection, get("/openapi.json", "close").as_bytes()),
            Self::CutProfile => {
                let path = "/debug/pprof/profile?seconds=30";
                begun(connection, get(path, "close").as_bytes())
            }
            Self::Malformed => {
                let head = MALFORMED[turn / Self::SHORT.len() % MALFORMED.len()];
                answered(connection, head, &[400])
            }
            Self::HalfHead => {
                let mut connection = connection;
                let head = b"GET /name HTTP/1.1\r\nHost: loc";
                connection.write_all(head).map_err(|error| kind(&error))?;
                connection.end_sending().map_err(|error| kind(&error))
            }
        }
    }
}

/// Refusals because of other clients are answers too.
const BUSY: &[u16] = &[200, 429, 503];

fn request(method: &str, target: &str, connection: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n\r\n")
}

fn get(target: &str, connection: &str) -> String {
    request("GET", target, connection)
}

/// A form with one file for whichever parameter.
fn form(target: &str, content: &[u8]) -> Vec<u8> {
    let name = if target == "/upload" {
        "file"
    } else {
        "script"
    };
    let disposition = format!("form-data; name=\"{name}\"; filename=\"a.py\"");
    let mut body = format!("--x\r\nContent-Disposition: {disposition}\r\n\r\n").into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--x--\r\n");
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

/// Sends the whole and reads to the end: the first reply has one of these statuses, and none is cut.
fn answered(
    mut connection: Connection,
    bytes: impl AsRef<[u8]>,
    statuses: &[u16],
) -> Result<(), String> {
    // A server that refuses early reads only a part: only its reply matters.
    let _ = connection.write_all(bytes.as_ref());
    let _ = connection.flush();
    let mut reply = Vec::new();
    connection
        .read_to_end(&mut reply)
        .map_err(|error| kind(&error))?;
    let text = String::from_utf8_lossy(&reply);
    let status = text.get(9..12).and_then(|status| status.parse().ok());
    let status: u16 = status.ok_or("no reply")?;
    if !statuses.contains(&status) {
        return Err(format!("status {status}"));
    }
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let head = head.to_ascii_lowercase();
    if matches!(status, 429 | 503) && !head.contains("\r\nretry-after: ") {
        return Err(format!("status {status} without Retry-After"));
    }
    if head.contains("\r\ntransfer-encoding: chunked") && !reply.ends_with(b"0\r\n\r\n") {
        return Err("a reply without its end".to_owned());
    }
    Ok(())
}

/// Sends a part and resets the connection.
fn cut(mut connection: Connection, bytes: &[u8]) -> Result<(), String> {
    let written = connection
        .write_all(bytes)
        .and_then(|()| connection.flush());
    connection.reset();
    written.map_err(|error| kind(&error))
}

/// Sends a request and resets the connection when its reply begins.
fn begun(mut connection: Connection, bytes: &[u8]) -> Result<(), String> {
    let begun = connection
        .write_all(bytes)
        .and_then(|()| connection.flush())
        .and_then(|()| connection.read_exact(&mut [0]));
    connection.reset();
    begun.map_err(|error| kind(&error))
}

fn kind(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::WouldBlock => "no byte in time".to_owned(),
        kind => format!("{kind:?}"),
    }
}
