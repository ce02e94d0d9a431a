//! What instances are asked, and instances that answer badly.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use admin_endpoints::fleet::FleetConfig;
use admin_runtime::listener::Listener;
use admin_tests::ask;
use serde_json::{Value, json};

use super::{directory, get, put, register};
use crate::builder;
use crate::certificates::Authority;
use crate::folder::Folder;

/// A listener that answers each connection in its own way, and what it was sent.
struct BadInstance {
    address: SocketAddr,
    requests: Receiver<String>,
}

impl BadInstance {
    fn start(answer: impl Fn(&mut TcpStream) + Send + 'static) -> Self {
        Self::answering(move |stream, _| answer(stream))
    }

    /// One whose answer depends on the request; it closes each connection behind it.
    fn answering(answer: impl Fn(&mut TcpStream, &str) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                    head.extend(byte);
                }
                // The test may have ended.
                let head = String::from_utf8_lossy(&head).into_owned();
                let _ = sender.send(head.clone());
                answer(&mut stream, &head);
            }
        });
        Self { address, requests }
    }

    /// One that sends the same bytes to everyone.
    fn sends(bytes: &'static [u8]) -> Self {
        Self::start(move |stream| {
            let _ = stream.write_all(bytes);
        })
    }
}

/// The health of the only instance.
fn health(at: SocketAddr) -> Value {
    let mut report = get(at, "/fleet/health");
    assert_eq!(report["instances"].as_array().unwrap().len(), 1, "{report}");
    report["instances"][0].take()
}

#[test]
fn live_instances_say_how_they_are() {
    let worker = builder().periodic(false).start().unwrap();
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    register(at, "w1", worker.local_addr());
    let health = health(at);
    assert_eq!(
        (&health["ready"], &health["error"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(health["periodic_threads"], "healthy");
    assert!(
        health["version"].is_string() && health["uptime_seconds"].is_number(),
        "{health}"
    );
    worker.drain();
    let drained = get(at, "/fleet/health");
    assert_eq!(
        (&drained["ready"], &drained["not_ready"]),
        (&json!(0), &json!(1))
    );
    let details = drained["instances"][0]["details"].as_str().unwrap();
    assert!(
        details.contains("[-]accepting failed: shutting down"),
        "{details}"
    );
    let proxied = ask(at, "GET", "/fleet/health", &["Via: 1.1 proxy"]).json();
    let details = proxied["instances"][0]["details"].as_str().unwrap();
    assert_eq!(details, "[-]accepting failed: reason withheld");
    let address = worker.local_addr();
    worker.stop();
    let stopped = get(at, "/fleet/health");
    assert_eq!(stopped["unreachable"], 1, "{address}: {stopped}");
    let error = stopped["instances"][0]["error"].as_str().unwrap();
    assert!(error.starts_with("no connection: "), "{error}");
}

#[test]
fn bad_answers_are_errors_of_one_instance() {
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    let endless = |stream: &mut TcpStream| {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n";
        let mut sent = stream.write_all(head);
        while sent.is_ok() {
            sent = stream.write_all(&[b'x'; 1 << 16]);
        }
    };
    let chunked = |stream: &mut TcpStream| {
        let many = b"8\r\nxxxxxxxx\r\n".repeat(4000);
        let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while sent.is_ok() {
            sent = stream.write_all(&many);
        }
    };
    let continues = |stream: &mut TcpStream| {
        let many = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(4000);
        let mut sent = stream.write_all(&many);
        while sent.is_ok() {
            sent = stream.write_all(&many);
        }
    };
    let silent = |stream: &mut TcpStream| {
        let _ = stream.read(&mut [0]);
    };
    let elsewhere = BadInstance::sends(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let location = elsewhere.address;
    let redirect = move |stream: &mut TcpStream| {
        let head = format!(
            "HTTP/1.1 302 Found\r\nLocation: http://{location}/\r\nContent-Length: 0\r\n\r\n"
        );
        let _ = stream.write_all(head.as_bytes());
    };
    let bad = [
        (
            "endless",
            BadInstance::start(endless),
            "more than 65536 bytes",
        ),
        (
            "endless_chunks",
            BadInstance::start(chunked),
            "more than 65536 bytes",
        ),
        (
            "continues",
            BadInstance::start(continues),
            "it sends too many bytes",
        ),
        (
            "garbage",
            BadInstance::sends(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
            "no answer: ",
        ),
        ("nothing", BadInstance::sends(b""), "no answer: "),
        (
            "redirect",
            BadInstance::start(redirect),
            "302 with a redirect",
        ),
        ("silent", BadInstance::start(silent), "timed out after 1s"),
        (
            "status",
            BadInstance::sends(
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            ),
            "GET /",
        ),
    ];
    for (name, instance, _) in &bad {
        register(at, name, instance.address);
    }
    let worker = builder().periodic(false).start().unwrap();
    register(at, "worker", worker.local_addr());
    let report = get(at, "/fleet/health");
    assert_eq!(
        (&report["ready"], &report["unreachable"], &report["unknown"]),
        (&json!(1), &json!(4), &json!(4)),
        "{report:#}"
    );
    let instances = report["instances"].as_array().unwrap();
    for (name, instance, expected) in &bad {
        let found = instances.iter().find(|one| one["name"] == *name);
        let found = found.expect("it is listed");
        let error = found["error"].as_str().unwrap();
        assert!(error.contains(expected), "{name}: {error}");
        assert_eq!(found["ready"], Value::Null, "{name}");
        let request = instance.requests.recv().unwrap();
        assert!(
            request.starts_with("GET /readyz?verbose HTTP/1.1\r\n"),
            "{request}"
        );
        assert!(
            !request.to_lowercase().contains("authorization"),
            "{request}"
        );
    }
    assert!(
        elsewhere.requests.try_recv().is_err(),
        "the redirect was followed"
    );
}

#[test]
fn closed_connections_are_replaced_between_questions() {
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    let kinds = [
        ("http_1_0", "HTTP/1.0 200 OK\r\n\r\n", ""),
        (
            "said",
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: LENGTH\r\n\r\n",
            "",
        ),
        (
            "silent",
            "HTTP/1.1 200 OK\r\nContent-Length: LENGTH\r\n\r\n",
            "",
        ),
        (
            "surplus",
            "HTTP/1.1 200 OK\r\nContent-Length: LENGTH\r\n\r\n",
            "\r\nmore",
        ),
    ];
    let instances = kinds.map(|(name, head, surplus)| {
        let instance = BadInstance::answering(move |stream, request| {
            let body = match request.split(' ').nth(1) {
                Some("/readyz?verbose") => "readyz check passed",
                Some("/build") => r#"{"version":"1.2.3"}"#,
                _ => r#"{"healthy":true}"#,
            };
            let head = head.replace("LENGTH", &body.len().to_string());
            let _ = stream.write_all(format!("{head}{body}{surplus}").as_bytes());
        });
        register(at, name, instance.address);
        instance
    });
    let report = get(at, "/fleet/health");
    for found in report["instances"].as_array().unwrap() {
        assert_eq!(
            (&found["error"], &found["ready"], &found["periodic_threads"]),
            (&json!(null), &json!(true), &json!("healthy")),
            "{report:#}"
        );
        assert_eq!(found["version"], "1.2.3", "{report:#}");
    }
    for instance in instances {
        assert_eq!(instance.requests.try_iter().count(), 3);
    }
}

#[test]
fn only_the_token_of_instances_is_sent() {
    let instance = BadInstance::sends(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let config = FleetConfig::new().instance_token("t0ken-of-instances");
    let server = builder()
        .periodic(false)
        .token("ops", "s3cret")
        .config(config);
    let server = server.start().unwrap();
    let at = server.local_addr();
    let authorization = "Authorization: Bearer s3cret";
    let body = json!({"address": instance.address.to_string()}).to_string();
    let headers = [authorization, "Content-Type: application/json"];
    let target = "/fleet/instances/w1";
    let registered = admin_tests::send(at, "PUT", target, &headers, body.as_bytes());
    assert_eq!(registered.status, 200, "{registered:?}");
    assert_eq!(
        ask(at, "GET", "/fleet/health", &[authorization]).status,
        200
    );
    let request = instance.requests.recv().unwrap();
    assert!(
        request.contains("authorization: Bearer t0ken-of-instances\r\n"),
        "{request}"
    );
    assert!(!request.contains("s3cret"), "{request}");
}

#[test]
fn certificates_of_instances_are_verified() {
    let folder = Folder::new("fleet-tls");
    let authority = Authority::new("fleet");
    let ca = folder.file("ca.pem");
    fs::write(&ca, &authority.pem).unwrap();
    let server = directory(FleetConfig::new().instance_ca(&ca));
    let at = server.local_addr();
    let other = Authority::new("other");
    let certificates = [
        ("expired", authority.expired()),
        (
            "name",
            authority.client("elsewhere", &["elsewhere.example"]),
        ),
        ("other", other.server()),
        ("trusted", authority.server()),
    ];
    let workers = certificates.map(|(name, certificate)| {
        let (certificate, key) = certificate.write(&folder.0, name);
        let listener = Listener::tcp("127.0.0.1:0").tls(certificate, key);
        let worker = admin_runtime::AdminServer::builder()
            .state(crate::endpoints::Name("one"))
            .periodic(false)
            .listen(listener)
            .start()
            .unwrap();
        let address = worker.local_addr().to_string();
        let reply = put(at, name, &json!({"address": address, "scheme": "https"}));
        assert_eq!(reply.status, 200, "{reply:?}");
        worker
    });
    let report = get(at, "/fleet/health");
    let shown = |index: usize| {
        let instance = &report["instances"][index];
        let error = instance["error"].as_str().unwrap_or_default();
        (instance["ready"].clone(), error.to_owned())
    };
    for index in 0..3 {
        let (ready, error) = shown(index);
        assert!(
            ready.is_null() && error.starts_with("no TLS session: "),
            "{report:#}"
        );
    }
    assert_eq!(shown(3), (json!(true), String::new()));
    drop(workers);

    let without_ca = directory(FleetConfig::new());
    let at = without_ca.local_addr();
    let _reply = put(
        at,
        "w1",
        &json!({"address": "127.0.0.1:1", "scheme": "https"}),
    );
    let error = health(at)["error"].to_string();
    assert!(error.contains("FleetConfig::instance_ca"), "{error}");
}

#[test]
fn change_of_protocol_is_an_error() {
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    let switching = BadInstance::sends(
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    );
    register(at, "w1", switching.address);
    let query = "logger_name=x&level=DEBUG&ttl=1m";
    let reply = ask(at, "PUT", &format!("/fleet/loglevel?{query}"), &[]);
    assert_eq!(reply.status, 502, "{reply:?}");
    let answer = &reply.json()["instances"][0];
    let error = answer["error"].as_str().expect("an error");
    assert!(error.contains("101, which was not asked for"), "{error}");
}

#[test]
fn levels_of_all_that_match_are_set() {
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    let set = |query: &str| ask(at, "PUT", &format!("/fleet/loglevel?{query}"), &[]);
    let level = "logger_name=a::b&level=DEBUG";
    let reply = set(level);
    assert_eq!(reply.status, 400, "{reply:?}");
    assert!(reply.body.contains("'ttl'"), "{reply:?}");
    assert_eq!(set(&format!("{level}&ttl=30d")).status, 400);
    for (mistyped, expected) in [
        ("selct=role%3Dworker", "Unknown parameter 'selct'"),
        ("Select=role%3Dworker", "Unknown parameter 'Select'"),
        ("role=worker", "Unknown parameter 'role'"),
    ] {
        let reply = set(&format!("{level}&ttl=1m&{mistyped}"));
        assert_eq!(reply.status, 400, "{reply:?}");
        assert!(super::error(&reply).starts_with(expected), "{reply:?}");
    }
    assert_eq!(set(&format!("{level}&ttl=1m&select=role")).status, 400);
    let reply = set(&format!("{level}&ttl=1m"));
    assert_eq!(
        (reply.status, super::error(&reply)),
        (404, "No instance is registered".to_owned())
    );

    let ok = BadInstance::sends(
        b"HTTP/1.0 200 OK\r\n\r\nSet a::b level to DEBUG (including all handlers)",
    );
    let body = |address: SocketAddr, role: &str| json!({"address": address.to_string(), "labels": {"role": role}});
    assert_eq!(put(at, "w1", &body(ok.address, "worker")).status, 200);
    // Its log levels are not installed.
    let refusing = builder().periodic(false).start().unwrap();
    assert_eq!(
        put(at, "w2", &body(refusing.local_addr(), "worker")).status,
        200
    );
    assert_eq!(
        put(at, "s1", &body(refusing.local_addr(), "scheduler")).status,
        200
    );

    let reply = set(&format!(
        "{level}&ttl=1m&select=role%3Dworker&select=name%3Dw1"
    ));
    assert_eq!(reply.status, 200, "{reply:?}");
    let text = "Set a::b level to DEBUG (including all handlers)";
    let answer = json!({"name": "w1", "status": 200, "answer": text});
    let expected = json!({"matched": 1, "changed": 1, "failed": 0, "instances": [answer]});
    assert_eq!(reply.json(), expected);
    let request = ok.requests.recv().unwrap();
    let line = "PUT /loglevel?logger_name=a%3A%3Ab&level=DEBUG&ttl=1m HTTP/1.1\r\n";
    assert!(request.starts_with(line), "{request}");

    let reply = set(&format!("{level}&ttl=1m&select=role%3Dworker"));
    assert_eq!(reply.status, 502, "{reply:?}");
    let report = reply.json();
    assert_eq!(
        (&report["matched"], &report["failed"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(report["instances"][1]["status"], 501, "{report}");
    let page = BadInstance::sends(b"HTTP/1.0 200 OK\r\n\r\n<html>It works!</html>");
    assert_eq!(put(at, "p1", &body(page.address, "page")).status, 200);
    let reply = set(&format!("{level}&ttl=1m&select=role%3Dpage"));
    let report = reply.json();
    assert_eq!((reply.status, &report["changed"]), (502, &json!(0)));
    let error = report["instances"][0]["error"].as_str().unwrap();
    let expected = format!("answered 200 with '<html>It works!</html>'; expected '{text}'");
    assert_eq!(error, expected);
    let reply = set(&format!("{level}&ttl=1m&select=role%3Dnone"));
    assert_eq!(
        (reply.status, super::error(&reply)),
        (404, "No instance matches 'role=none'".to_owned())
    );
}
