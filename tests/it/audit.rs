//! `GET /audit` over sockets.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use admin_runtime::describe::Effect;
use admin_runtime::introspect::AuditLog;
use admin_runtime::listener::Listener;
use admin_runtime::log_queue;
use admin_tests::{ask, poll_until};
use serde_json::Value;

use crate::{builder, started};

fn entries(at: SocketAddr, query: &str, headers: &[&str]) -> Vec<Value> {
    let reply = ask(at, "GET", &format!("/audit{query}"), headers);
    assert_eq!(reply.status, 200, "{reply:?}");
    let mut report: Value = serde_json::from_str(&reply.body).unwrap();
    let Value::Array(entries) = report["entries"].take() else {
        panic!("no entries: {}", reply.body);
    };
    entries
}

#[test]
fn writes_and_refused_writes_are_kept() {
    let server = started();
    let at = server.local_addr();
    assert!(entries(at, "", &[]).is_empty());
    assert_eq!(ask(at, "GET", "/name", &[]).status, 200);
    let evil = "Origin: http://evil.example";
    for (target, headers, status) in [
        ("/change?x=a%0Ab", vec!["X-Request-Id: first"], 204),
        ("/change", vec![evil, "X-Request-Id: second"], 403),
        ("/run_script", vec!["Via: 1.1 proxy"], 403),
    ] {
        assert_eq!(ask(at, "POST", target, &headers).status, status, "{target}");
    }
    let kept = entries(at, "", &[]);
    let column = |key: &str| {
        kept.iter()
            .map(|entry| entry[key].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(column("status"), [403, 403, 204]);
    assert_eq!(column("effect"), ["dangerous", "write", "write"]);
    assert_eq!(
        column("what"),
        ["POST /run_script", "POST /change", "POST /change?x=a%0Ab"]
    );
    assert_eq!(column("request_id")[1..], ["second", "first"]);
    for entry in &kept {
        let who = entry["who"].as_str().unwrap();
        assert!(who.starts_with("127.0.0.1:"), "{who}");
        let time = entry["time"].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
    }
    assert_eq!(entries(at, "?limit=1", &[])[0]["what"], "POST /run_script");
    assert_eq!(entries(at, "?limit=0", &[]).len(), 0);
    assert_eq!(entries(at, "?effect=write", &[]).len(), 2);
    assert_eq!(entries(at, "?who=127.0.0.1&effect=dangerous", &[]).len(), 1);
    assert_eq!(entries(at, "?who=ops", &[]).len(), 0);
    for query in ["?limit=-1", "?effect=read", "?whose=x"] {
        let reply = ask(at, "GET", &format!("/audit{query}"), &[]);
        assert_eq!(reply.status, 400, "{query}: {reply:?}");
    }
}

#[test]
fn named_callers_pass_and_others_are_refused() {
    let server = builder()
        .bind("0.0.0.0:0")
        .token("ops", "s3cret")
        .token_with("scraper", "t0ken", Effect::Read)
        .start()
        .unwrap();
    let at = ([127, 0, 0, 1], server.local_addr().port()).into();
    let (ops, scraper) = (
        "Authorization: Bearer s3cret",
        "Authorization: Bearer t0ken",
    );
    assert_eq!(ask(at, "POST", "/change", &[scraper]).status, 403);
    assert_eq!(ask(at, "POST", "/change", &[ops]).status, 204);
    assert_eq!(ask(at, "GET", "/audit", &[]).status, 401);
    let kept = entries(at, "", &[ops]);
    let who = |at: usize| kept[at]["who"].as_str().unwrap();
    assert!(who(0).starts_with("ops@"), "{kept:?}");
    assert!(who(1).starts_with("scraper@"), "{kept:?}");
    assert_eq!(kept[1]["status"], 403);
    assert_eq!(entries(at, "?who=scraper", &[ops]).len(), 1);

    let open = builder().bind("0.0.0.0:0").start().unwrap();
    let at = ([127, 0, 0, 1], open.local_addr().port()).into();
    assert_eq!(ask(at, "GET", "/audit", &[]).status, 403);
}

/// Method, target, headers and status of a request that is refused.
type Refused<'r> = (&'r str, &'r str, &'r [&'r str], u16);

#[test]
fn refused_callers_never_remove_other_entries() {
    let open = builder()
        .bind("0.0.0.0:0")
        .listen(Listener::tcp("127.0.0.1:0"))
        .start()
        .unwrap();
    let network = format!("0.0.0.0:{}", open.local_addr().port())
        .parse()
        .unwrap();
    let local = open.listeners()[1].local_addr().unwrap();
    let page = ["Origin: https://evil.example", "Sec-Fetch-Site: cross-site"];
    for (at, headers, status) in [(network, &[][..], 403), (local, &page[..], 403)] {
        assert_eq!(ask(local, "POST", "/change?x=first", &[]).status, 204);
        for number in 0..AuditLog::CAPACITY + 76 {
            assert_eq!(ask(at, "POST", "/change", headers).status, status);
            if number % 64 == 0 {
                // The queue of the log is that of all tests, which look for lines of their own.
                assert!(log_queue::flush(Duration::from_secs(60)));
            }
        }
        let kept = entries(local, "", &[]);
        assert_eq!(kept.len(), AuditLog::CAPACITY);
        assert!(
            kept.iter()
                .any(|entry| entry["what"] == "POST /change?x=first")
        );
    }
}

#[test]
fn every_refused_write_is_recorded() {
    let server = builder().token("ops", "s3cret-of-ops").start().unwrap();
    let at = server.local_addr();
    let ops = "Authorization: Bearer s3cret-of-ops";
    let refused: [Refused<'_>; 6] = [
        ("POST", "/change?x=1", &[], 401),
        ("POST", "/change?x=2", &["Authorization: Bearer wrong"], 401),
        ("POST", "/change?x=3", &["Host: evil.example"], 403),
        ("POST", "/change?%ff%fe", &[ops], 400),
        ("GET", "/loglevel?level=%ff", &[ops], 400),
        (
            "POST",
            "/change?x=4",
            &[ops, "Origin: https://evil.example"],
            403,
        ),
    ];
    for (method, target, headers, status) in refused {
        assert_eq!(ask(at, method, target, headers).status, status, "{target}");
    }
    let kept = entries(at, "", &[ops]);
    let kept: Vec<_> = kept
        .iter()
        .rev()
        .map(|entry| entry["what"].clone())
        .collect();
    let expected = refused.map(|(method, target, ..)| format!("{method} {target}"));
    assert_eq!(kept, expected.map(Value::from));
}

#[test]
fn oversized_writes_are_recorded() {
    let server = started();
    let at = server.local_addr();
    let long_path = format!("/change?x={}", "y".repeat(20 << 10));
    let long_header = format!("X-Long: {}", "y".repeat(80 << 10));
    assert_eq!(ask(at, "POST", &long_path, &[]).status, 414);
    assert_eq!(ask(at, "POST", "/change", &[&long_header]).status, 431);
    let kept = entries(at, "", &[]);
    assert_eq!(kept[0]["what"], "POST /change");
    assert_eq!(kept[0]["status"], 431);
    assert_eq!(kept[1]["what"], "POST /change?...");
    assert_eq!(kept[1]["status"], 414);
}

#[test]
fn secrets_are_masked() {
    let server = started();
    let at = server.local_addr();
    for (query, shown) in [
        ("token=supersecret", "token=******"),
        ("api_key=abc&x=1", "api_key=******&x=1"),
        ("p%61ssword=abc", "p%61ssword=******"),
        (
            "url=https://user:hunter22@host/",
            "url=https://user:******@host/",
        ),
        (
            "url=https%3A%2F%2Fuser%3Ahunter22%40host%2F",
            "url=https://user:******@host/",
        ),
        ("x=AKIAIOSFODNN7EXAMPLE", "x=******"),
        ("ghp_0123456789abcdefghijklmnopqrstuvwxyz", "******"),
        ("x=a%20b+c&y", "x=a%20b+c&y"),
    ] {
        assert_eq!(
            ask(at, "POST", &format!("/change?{query}"), &[]).status,
            204
        );
        let kept = entries(at, "?limit=1", &[]);
        assert_eq!(kept[0]["what"], format!("POST /change?{shown}"));
    }
    let long = format!("/change?x={}&password=abc", "y".repeat(2030));
    assert_eq!(ask(at, "POST", &long, &[]).status, 204);
    let kept = entries(at, "?limit=1", &[]);
    assert!(!kept[0]["what"].to_string().contains("pass"), "{kept:?}");
}

#[test]
fn head_has_the_effect_of_get() {
    let server = started();
    let at = server.local_addr();
    let page = "Origin: https://evil.example";
    assert_eq!(ask(at, "HEAD", "/level", &[page]).status, 200);
    assert_eq!(ask(at, "HEAD", "/level?set=1", &[page]).status, 403);
    assert_eq!(ask(at, "HEAD", "/level?set=2", &[]).status, 200);
    let kept = entries(at, "", &[]);
    let kept: Vec<_> = kept.iter().map(|entry| entry["what"].clone()).collect();
    assert_eq!(kept, ["HEAD /level?set=2", "HEAD /level?set=1"]);
}

#[test]
fn abandoned_writes_have_no_status() {
    let server = started();
    let at = server.local_addr();
    let mut client = TcpStream::connect(at).unwrap();
    client
        .write_all(b"POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
        .unwrap();
    drop(client);
    let status = poll_until("the entry of the abandoned request", || {
        let kept = entries(at, "", &[]);
        let found = kept.iter().find(|entry| entry["what"] == "POST /json")?;
        Some(found["status"].clone())
    });
    assert!(status.is_null() || status == 400, "{status}");
}
