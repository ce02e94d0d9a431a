//! Access checks.

use admin_tests::{ask, raw, send};

use crate::{builder, started};

#[test]
fn hosts_must_be_addresses_loopback_names_or_configured() {
    let server = builder().allow_host("admin.example").start().unwrap();
    let at = server.local_addr();
    for host in [
        "127.0.0.1:1",
        "localhost",
        "10.0.0.1",
        "[::1]:80",
        "admin.example:99",
    ] {
        assert_eq!(
            ask(at, "GET", "/env", &[&format!("Host: {host}")]).status,
            200,
            "{host}"
        );
    }
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.nip.io:7000",
    ] {
        for target in ["/env", "/nope", "/"] {
            let reply = ask(at, "GET", target, &[&format!("Host: {host}")]);
            assert_eq!(reply.status, 403, "{host} {target}");
        }
    }
    let bare = raw(at, b"GET /env HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(bare.status, 400, "{bare:?}");
    let twice = raw(
        at,
        b"GET /env HTTP/1.1\r\nHost: a\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(twice.unwrap().status, 400);
    let absolute =
        b"GET http://evil.example/env HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(raw(at, absolute).unwrap().status, 400);
}

#[test]
fn cross_site_writes_are_refused() {
    let server = started();
    let at = server.local_addr();
    let own = format!("Origin: http://{at}");
    for (headers, status) in [
        (vec![], 204),
        (vec![own.as_str()], 204),
        (vec!["Origin: http://evil.example"], 403),
        (vec!["Origin: http://127.0.0.1"], 403),
        (vec!["Origin: null"], 403),
        (vec!["Sec-Fetch-Site: cross-site"], 403),
        (vec!["Sec-Fetch-Site: same-site"], 403),
        (vec![own.as_str(), "Sec-Fetch-Site: same-origin"], 204),
    ] {
        assert_eq!(
            ask(at, "POST", "/change", &headers).status,
            status,
            "{headers:?}"
        );
    }
    let foreign = ["Origin: http://evil.example"];
    assert_eq!(ask(at, "GET", "/level", &foreign).status, 200);
    for target in [
        "/level?set=x",
        "/level?%73et=",
        "/level?set=x&set",
        "/level?a=1&set=x",
    ] {
        assert_eq!(ask(at, "GET", target, &foreign).status, 403, "{target}");
        assert_eq!(ask(at, "GET", target, &[]).status, 200, "{target}");
    }
}

#[test]
fn without_a_token_the_network_only_reads() {
    let open = builder().bind("0.0.0.0:0").start().unwrap();
    let at = ([127, 0, 0, 1], open.local_addr().port()).into();
    assert_eq!(ask(at, "GET", "/env", &[]).status, 200);
    assert_eq!(ask(at, "GET", "/level", &[]).status, 200);
    for (method, target) in [("POST", "/change"), ("GET", "/level?set=x")] {
        let reply = ask(at, method, target, &[]);
        assert_eq!(reply.status, 403);
        assert!(reply.body.contains("configure token(..)"), "{reply:?}");
    }
}

#[test]
fn every_request_needs_the_token() {
    let server = builder()
        .bind("0.0.0.0:0")
        .token("ops", "s3cret")
        .start()
        .unwrap();
    let at = ([127, 0, 0, 1], server.local_addr().port()).into();
    for (method, target) in [("GET", "/env"), ("POST", "/change"), ("GET", "/nope")] {
        let reply = ask(at, method, target, &["Authorization: Bearer wrong"]);
        assert_eq!(
            (reply.status, reply.header("www-authenticate")),
            (401, "Bearer")
        );
    }
    let token = ["Authorization: Bearer s3cret"];
    assert_eq!(ask(at, "POST", "/change", &token).status, 204);
    let reply = ask(at, "GET", "/who", &token);
    assert!(reply.body.starts_with("ops@127.0.0.1:"), "{reply:?}");
}

#[test]
fn sizes_are_bounded() {
    let server = started();
    let at = server.local_addr();
    let long = format!("/echo/{}", "x".repeat(8 << 10));
    assert_eq!(ask(at, "GET", &long, &[]).status, 414);
    let line = format!("/echo/{}", "x".repeat(100 << 10));
    assert_eq!(ask(at, "GET", &line, &[]).status, 414);
    let header = format!("X-Long: {}", "x".repeat(33 << 10));
    assert_eq!(ask(at, "GET", "/env", &[&header]).status, 431);
    let body = vec![b'x'; (1 << 20) + 1];
    assert_eq!(
        send(
            at,
            "POST",
            "/json",
            &["Content-Type: application/json"],
            &body
        )
        .status,
        413
    );
    assert_eq!(
        send(at, "POST", "/change", &[], &body).status,
        413,
        "also where none is read"
    );
}

#[test]
fn an_oversized_body_is_refused_before_its_end() {
    let server = started();
    let head = "POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{";
    assert_eq!(
        raw(server.local_addr(), head.as_bytes()).unwrap().status,
        413
    );
    let mut chunked = b"POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..17 {
        chunked.extend_from_slice(b"10000\r\n");
        chunked.extend(std::iter::repeat_n(b' ', 0x10000));
        chunked.extend_from_slice(b"\r\n");
    }
    assert_eq!(raw(server.local_addr(), &chunked).unwrap().status, 413);
}

#[test]
fn writes_through_a_proxy_need_credentials() {
    let server = started();
    for header in [
        "X-Forwarded-For: 192.0.2.1",
        "Forwarded: for=192.0.2.1",
        "Via: 1.1 proxy",
    ] {
        let reply = ask(server.local_addr(), "POST", "/change", &[header]);
        assert_eq!(reply.status, 403, "{header}: {reply:?}");
        assert!(reply.body.contains("came through a proxy"), "{reply:?}");
        assert_eq!(
            ask(server.local_addr(), "GET", "/name", &[header]).status,
            200
        );
    }
    assert_eq!(ask(server.local_addr(), "POST", "/change", &[]).status, 204);
}
