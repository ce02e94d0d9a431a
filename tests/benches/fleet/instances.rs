//! Instances that are simulated: each has an address of loopback, all of them one listener.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Instances that answer.
const ANSWERING: u32 = 1_000;

/// Instances that accept connections and never answer.
pub(crate) const HANGING: u32 = 50;

/// What a probe is answered with.
const READY: &str = "readyz check passed";

/// What every other path is answered with: good for both questions.
const ANSWER: &str =
    r#"{"healthy":true,"unhealthy_threads":[],"version":"0.1.0","uptime_seconds":7.5}"#;

/// One instance as it announces itself.
#[derive(Clone, Debug)]
pub(crate) struct Announced {
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    pub(crate) boot: u64,
    pub(crate) ttl_seconds: u64,
}

impl Announced {
    pub(crate) fn body(&self) -> String {
        format!(
            r#"{{"address":"{}","labels":{{"role":"worker","zone":"a"}},"ttl_seconds":{},"boot_id":"{}"}}"#,
            self.address, self.ttl_seconds, self.boot
        )
    }
}

/// The listeners of all.
pub(crate) struct SimulatedInstances {
    answering_port: u16,
    /// The kernel accepts for it.
    hanging: TcpListener,
}

impl SimulatedInstances {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let answering_port = listener.local_addr().unwrap().port();
        thread::Builder::new()
            .name("instances".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(answer_all(listener));
            })
            .unwrap();
        Self {
            answering_port,
            hanging: TcpListener::bind("0.0.0.0:0").unwrap(),
        }
    }

    pub(crate) fn announced(&self) -> Vec<Announced> {
        announced("w", ANSWERING, self.answering_port)
    }

    pub(crate) fn hanging(&self) -> Vec<Announced> {
        announced("h", HANGING, self.hanging.local_addr().unwrap().port())
    }
}

fn announced(prefix: &str, count: u32, port: u16) -> Vec<Announced> {
    let instances = (0..count).map(|number| {
        let ip = Ipv4Addr::from_bits(Ipv4Addr::new(127, 1, 0, 0).to_bits() + number);
        Announced {
            name: format!("{prefix}{number:04}"),
            address: SocketAddr::from((ip, port)),
            boot: 0,
            ttl_seconds: 30,
        }
    });
    instances.collect()
}

async fn answer_all(listener: TcpListener) {
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(answer(stream));
    }
}

/// Answers each request of a connection.
async fn answer(mut stream: TcpStream) {
    let replies = [READY, ANSWER].map(|body| {
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}")
    });
    let mut head = Vec::new();
    while stream
        .read_buf(&mut head)
        .await
        .is_ok_and(|count| count > 0)
    {
        if head.ends_with(b"\r\n\r\n") {
            let [ready, other] = &replies;
            let is_probe = head.starts_with(b"GET /readyz");
            let reply = if is_probe { ready } else { other };
            head.clear();
            if stream.write_all(reply.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}
