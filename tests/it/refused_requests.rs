//! Requests that are not valid or not whole: they are answered, and no handler runs for them.

use std::io::Write;
use std::net::Shutdown;
use std::sync::atomic::{AtomicUsize, Ordering};

use admin_runtime::{Limits, admin_endpoint};
use admin_tests::{Reply, ask, connect, raw, read_to_end};

use crate::{builder, started};

/// Heads that hyper refuses.
pub(crate) const INVALID_HEADS: &[&str] = &[
    "GET / env HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET ?a=b HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET  HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /env HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "GET /env HTTP/1.1\r\nHost: localhost\r\nX-Folded: a\r\n b\r\n\r\n",
    "GET /env HTTP/1.1\r\nHost: localhost\r\nX-Nul: a\0b\r\n\r\n",
    "GET /env HTTP/1.1\r\nHost: localhost\r\nX Space: a\r\n\r\n",
    "POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "POST /json HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: unknown\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n",
];

const FIRST: &str = "GET /name HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn assert_refused(reply: &Reply, status: u16, sent: &str) {
    let sent = sent.chars().take(80).collect::<String>();
    assert_eq!(reply.status, status, "{sent:?}: {reply:?}");
    assert_eq!(
        reply.header("x-request-id").len(),
        16,
        "{sent:?}: {reply:?}"
    );
    assert_eq!(reply.header("connection"), "close", "{sent:?}: {reply:?}");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    let error = reply.json()["error"].as_str().map(str::len);
    assert!(
        error.is_some_and(|length| length > 10),
        "{sent:?}: {reply:?}"
    );
}

#[test]
fn invalid_heads_are_refused_with_a_reason() {
    let server = started();
    let at = server.local_addr();
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(70_000));
    let large = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(4 << 20));
    let others = [
        (414, long.as_str()),
        (431, &large),
        (505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ];
    let invalid = INVALID_HEADS.iter().map(|head| (400, *head));
    for (status, head) in invalid.chain(others) {
        let reply = raw(at, head.as_bytes()).expect(head);
        assert_refused(&reply, status, head);
    }
    let reply = raw(at, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    assert_eq!(
        reply.json()["error"],
        "HTTP/2 is not supported: use HTTP/1.1"
    );
}

#[test]
fn a_refusal_follows_the_replies_before() {
    let server = started();
    let at = server.local_addr();
    for head in INVALID_HEADS {
        let both = format!("{FIRST}{FIRST}{head}");
        let replies = raw(at, both.as_bytes()).expect(head);
        assert_eq!(replies.body.matches("HTTP/1.1 200 OK").count(), 1);
        let (_, last) = replies.body.split_once("\r\n\r\noneHTTP/1.1 400").unwrap();
        assert!(last.contains("x-request-id: "), "{head:?}: {replies:?}");
        assert!(last.ends_with("\"}"), "{head:?}: {replies:?}");
    }
}

/// Runs of `/counted-write`.
static WRITES: AtomicUsize = AtomicUsize::new(0);

/// Takes no body.
#[admin_endpoint(method = "POST", path = "/counted-write")]
async fn counted_write() -> String {
    WRITES.fetch_add(1, Ordering::SeqCst).to_string()
}

#[test]
fn no_write_runs_for_a_cut_off_body() {
    let limits = Limits::default().with_max_body_bytes(1000);
    let server = builder().limits(limits).start().unwrap();
    let request = |rest: &str| {
        let mut client = connect(server.local_addr());
        let head = "POST /counted-write HTTP/1.1\r\nHost: localhost\r\n";
        client
            .write_all(format!("{head}{rest}").as_bytes())
            .unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        read_to_end(&mut client).expect("a reply")
    };
    let large = format!("{:x}\r\n{}\r\n0\r\n\r\n", 1001, "x".repeat(1001));
    for (status, headers, body) in [
        (400, "Content-Length: 10", ""),
        (400, "Content-Length: 10", "012345678"),
        (400, "Transfer-Encoding: chunked", ""),
        (501, "Transfer-Encoding: gzip, chunked", "0\r\n\r\n"),
        (
            501,
            "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
            "0\r\n\r\n",
        ),
        (400, "Transfer-Encoding: chunked", "5\r\n012"),
        (400, "Transfer-Encoding: chunked", "5\r\n01234\r\n"),
        (400, "Transfer-Encoding: chunked", "5\r\n01234\r\n0\r\n"),
        (400, "Transfer-Encoding: chunked", "x\r\n01234\r\n0\r\n\r\n"),
        (413, "Transfer-Encoding: chunked", &large),
        (413, "Content-Length: 1001", ""),
    ] {
        let reply = request(&format!("{headers}\r\n\r\n{body}"));
        assert_eq!(reply.status, status, "{headers} {body:?}: {reply:?}");
        assert_eq!(WRITES.load(Ordering::SeqCst), 0, "{headers} {body:?}");
    }
    for (runs, rest) in [
        "\r\n",
        "Content-Length: 0\r\n\r\n",
        "Content-Length: 3\r\n\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ]
    .iter()
    .enumerate()
    {
        let reply = request(rest);
        assert_eq!(
            (reply.status, reply.body),
            (200, runs.to_string()),
            "{rest:?}"
        );
    }
}

#[test]
fn two_values_of_one_credential_are_refused() {
    let server = builder().token("ops", "s3cret").start().unwrap();
    let right = "Authorization: Bearer s3cret";
    let wrong = "Authorization: Bearer wrong";
    let get = |headers: &[&str]| ask(server.local_addr(), "GET", "/name", headers);
    assert_eq!(get(&[right]).status, 200);
    assert_eq!(get(&[wrong]).status, 401);
    for two in [[right, wrong], [wrong, right], [right, right]] {
        let reply = get(&two);
        let refused = (400, "More than one Authorization header");
        assert_eq!((reply.status, reply.body.as_str()), refused, "{two:?}");
    }
}
