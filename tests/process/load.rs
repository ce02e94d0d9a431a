//! Requests with large bodies and answers, of eight clients at once.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::LazyLock;

use admin_runtime::{Json, RunningServer, Upload, admin_endpoint};
use admin_tests::{ask, connect, raw};

const CLIENTS: usize = 8;

static ROWS: LazyLock<Vec<[u64; 4]>> = LazyLock::new(|| vec![[u64::MAX; 4]; 100_000]);

/// What the clients of one case send.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Load {
    Dumps,
    Scrapes,
    Scripts,
    Uploads,
    Answers,
    Environment,
}

#[admin_endpoint(method = "POST", path = "/size")]
async fn size(script: Upload) -> String {
    script.bytes().len().to_string()
}

#[admin_endpoint(path = "/rows")]
async fn rows() -> Json<&'static [[u64; 4]]> {
    Json(&ROWS)
}

impl Load {
    pub(crate) const ALL: [Self; 6] = [
        Self::Dumps,
        Self::Scrapes,
        Self::Scripts,
        Self::Uploads,
        Self::Answers,
        Self::Environment,
    ];

    /// What stays in memory for good, and small requests.
    pub(crate) fn prepare(self, server: &RunningServer) {
        let at = server.local_addr();
        let _ = ask(at, "GET", "/env", &[]);
        match self {
            Self::Scrapes => {
                admin_endpoints::metrics::install().unwrap();
                for series in 0..200_000 {
                    metrics::counter!("blocks_total", "series" => format!("{series}")).increment(1);
                }
            }
            Self::Scripts => {
                let reply = raw(at, &upload("/run_script", b"result = 6 * 7")).unwrap();
                assert_eq!(reply.body, "42");
            }
            Self::Environment => {
                // SAFETY: no other thread reads the environment at this time.
                unsafe { std::env::set_var("LONG", "x".repeat(100_000)) };
            }
            Self::Answers => drop(LazyLock::force(&ROWS)),
            Self::Dumps | Self::Uploads => {}
        }
    }

    /// Until all replies were read.
    pub(crate) fn send(self, server: &RunningServer) {
        let (request, rounds, reply_bytes) = match self {
            Self::Dumps => (get("/threads"), 3, 2_000),
            Self::Scrapes => (get("/metrics"), 1, 5_000_000),
            Self::Scripts => {
                let comment = format!("#{}\nresult = '\\n' * 1_000_000", "é".repeat(120_000));
                (upload("/run_script", comment.as_bytes()), 8, 1_000_000)
            }
            Self::Uploads => (upload("/size", &[b'x'; 1_000_000]), 8, 100),
            Self::Answers => (get("/rows"), 4, 8_000_000),
            Self::Environment => (get("/env"), 8, 100_000),
        };
        let at = server.local_addr();
        std::thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| {
                    for _ in 0..rounds {
                        assert!(exchange(at, &request) >= reply_bytes, "{self:?}");
                    }
                });
            }
        });
    }
}

fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").into_bytes()
}

fn upload(path: &str, file: &[u8]) -> Vec<u8> {
    let part = "--b\r\nContent-Disposition: form-data; name=\"script\"; filename=\"x\"\r\n\r\n";
    let body = [part.as_bytes(), file, b"\r\n--b--\r\n"].concat();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), &body].concat()
}

/// Sends a request and discards the reply; returns how many bytes it had.
fn exchange(at: SocketAddr, request: &[u8]) -> usize {
    let mut stream = connect(at);
    stream.set_read_timeout(None).unwrap(); // eight scripts at once take long on a busy machine
    stream.write_all(request).unwrap();
    let mut chunk = [0; 16 << 10];
    let mut total = 0;
    loop {
        let count = stream.read(&mut chunk).unwrap();
        if total == 0 {
            let head = String::from_utf8_lossy(&chunk[..count.min(500)]);
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        }
        if count == 0 {
            return total;
        }
        total += count;
    }
}
