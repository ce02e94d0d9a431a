//! All ways in reply alike: the server's own socket, both filters, and the service in axum and hyper.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use admin_runtime::{Builder, RunningServer};
use admin_tests::raw;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use warp::Filter;

use crate::builder;
use crate::mounted_service::on_thread;

/// One way in: its name, where it listens, and the prefix below which it is mounted.
type Way = (&'static str, SocketAddr, &'static str);

/// What a client sees of a reply, without the prefix.
type Seen = (u16, BTreeMap<String, String>, String);

/// What is sent: method, target, header lines, body.
type Sent<'a> = (&'a str, &'a str, &'a [&'a str], &'a str);

const HOST: &[&str] = &["Host: localhost"];

const JSON: &[&str] = &["Host: localhost", "Content-Type: application/json"];

const ECHO: &str = r#"{"text":"t","number":null,"flag":true,"tag":[]}"#;

/// Requests that a way in may reply to differently, and why.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    ("filter in a tree", "GET /nope", FOREIGN),
    ("filter in a tree", "POST /nope", FOREIGN),
    ("filter in a tree", "GET /name/", FOREIGN),
    ("filter in a tree", "GET //name", FOREIGN),
    ("filter in a tree", "GET /NAME", FOREIGN),
    ("filter in a tree", "GET /name/..", FOREIGN),
    ("filter in a tree", "GET /%ff", FOREIGN),
    ("filter in a tree", "GET /nope/%ff", FOREIGN),
    ("filter in a tree", "GET /echo/", FOREIGN),
    ("filter in a tree", "GET /echo/a/b", FOREIGN),
    ("filter in a tree", "GET /%2Fname", FOREIGN),
    ("filter in a tree", "GET /LONG", FOREIGN),
    ("filter in a tree", "GET http://localhost/nope", FOREIGN),
    ("filter in a tree", "GET localhost:80", OUTSIDE),
    ("filter in a tree", "CONNECT localhost:80", OUTSIDE),
    ("filter in a tree", "GET name", OUTSIDE),
    ("filter in a tree", "OPTIONS *", OUTSIDE),
    ("axum", "GET localhost:80", OUTSIDE),
    ("axum", "CONNECT localhost:80", OUTSIDE),
    ("axum", "GET name", OUTSIDE),
    ("axum", "OPTIONS *", OUTSIDE),
    (
        "axum",
        "GET //name",
        "axum strips the slash with the prefix",
    ),
];

const FOREIGN: &str = "the filter leaves paths that are not its own to the application";

const OUTSIDE: &str = "a target without a path is not below the prefix";

fn server() -> RunningServer {
    builder().start().unwrap()
}

/// Only this machine reaches the applications of this test.
fn mounted() -> Builder {
    builder().trust_loopback()
}

fn ways(server: &RunningServer) -> Vec<Way> {
    let all = mounted().filter_or_404().unwrap();
    let all = serve(TowerToHyperService::new(warp::service(all)));
    let tree = warp::path("admin").and(mounted().filter().unwrap());
    let tree = tree.or(warp::path!("app").map(|| "the application"));
    let tree = serve(TowerToHyperService::new(warp::service(tree)));
    let service = mounted().mounted_at("/admin").service().unwrap();
    let app: Router = Router::new().nest_service("/admin", service);
    let axum = on_thread(async |listener| axum::serve(listener, app).await.unwrap());
    let hyper = serve(TowerToHyperService::new(mounted().service().unwrap()));
    vec![
        ("socket", server.local_addr(), ""),
        ("filter_or_404", all, ""),
        ("filter in a tree", tree, "/admin"),
        ("axum", axum, "/admin"),
        ("hyper", hyper, ""),
    ]
}

/// Serves with hyper.
fn serve<S, B>(service: S) -> SocketAddr
where
    S: hyper::service::Service<
            http::Request<hyper::body::Incoming>,
            Response = http::Response<B>,
            Future: Send,
            Error: std::error::Error + Send + Sync,
        > + Clone
        + Send
        + 'static,
    B: http_body::Body<Data: Send, Error: std::error::Error + Send + Sync> + Send + 'static,
{
    on_thread(async move |listener| {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let connection = http1::Builder::new();
            tokio::spawn(connection.serve_connection(TokioIo::new(stream), service.clone()));
        }
    })
}

fn below(prefix: &str, target: &str) -> String {
    match target.strip_prefix("http://") {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap());
            format!("http://{authority}{prefix}{path}")
        }
        None if target.starts_with('/') => format!("{prefix}{target}"),
        None => target.to_owned(),
    }
}

fn seen((_, at, prefix): &Way, (method, target, headers, body): &Sent<'_>) -> Seen {
    let mut request = format!("{method} {} HTTP/1.1\r\n", below(prefix, target));
    for line in *headers {
        request.push_str(&format!("{line}\r\n"));
    }
    if !body.is_empty() {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    request.push_str(&format!(
        "Connection: close\r\nX-Request-Id: same\r\n\r\n{body}"
    ));
    let reply = raw(*at, request.as_bytes()).unwrap_or_else(|| panic!("no reply to {request}"));
    let lines = reply.head.lines().filter_map(|line| line.split_once(": "));
    let mut headers: BTreeMap<String, String> = lines
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    headers.remove("date");
    if !prefix.is_empty() {
        // The texts differ in length by the prefix.
        headers.remove("content-length");
    }
    (reply.status, headers, reply.body.replace("/admin", ""))
}

/// A target for a message and for the list of differences.
fn named((method, target, ..): &Sent<'_>) -> String {
    if target.len() > 100 && target.starts_with("/xxx") {
        format!("{method} /LONG")
    } else {
        let end = target.len().min(100);
        format!("{method} {}", &target[..end])
    }
}

fn assert_alike(requests: &[Sent<'_>]) {
    let server = server();
    let ways = ways(&server);
    let mut problems = Vec::new();
    for sent in requests {
        let socket = seen(&ways[0], sent);
        for way in &ways[1..] {
            let (name, _, prefix) = way;
            let request = named(sent);
            let is_listed = DIFFERENCES
                .iter()
                .any(|(of, listed, _)| (of, *listed) == (name, request.as_str()));
            let other = seen(way, sent);
            let mut expected = socket.clone();
            if !prefix.is_empty() {
                expected.1.remove("content-length");
            }
            if (other == expected) == is_listed {
                problems.push(format!("{name}: {request}: {other:?}\n  not {expected:?}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn paths_and_queries_are_answered_alike() {
    let long = format!("/{}", "x".repeat(9000));
    let own_long = format!("/echo/{}", "x".repeat(9000));
    let long_query = format!("/name?{}", "q".repeat(9000));
    let targets = [
        "/name",
        "/name?",
        "/name?a=1&b=2",
        "/name?a=%ff",
        "/name?%",
        "/name#fragment",
        "/name/",
        "//name",
        "/NAME",
        "/name/..",
        "/%6eame",
        "/%2Fname",
        "/nope",
        "/nope/%ff",
        "/%ff",
        "/echo/",
        "/echo/a",
        "/echo/a/b",
        "/echo/a%2Fb",
        "/echo/%ff",
        "/echo/%",
        "/echo/%zz",
        "/echo/%00",
        "/echo/a%20b?tag=1&tag=2",
        "/echo/a?number=x",
        "/echo/a?number=7&switch=on",
        "/echo/a?tag=%ff",
        "/echo/a+b?tag=a+b",
        "/echo/..%2Fname",
        "/sync",
        "/sync?type=300",
        "/level",
        "/level?set=1",
        "/level?%73et=1",
        "/greet/you?times=3&shout=true",
        "/teapot",
        "/stream",
        "/fail",
        "/panic",
        "/slow",
        "/openapi.json",
        "http://localhost/name",
        "http://localhost/nope",
        "localhost:80",
        "name",
        &long,
        &own_long,
        &long_query,
    ];
    let requests: Vec<Sent<'_>> = targets
        .iter()
        .map(|target| ("GET", *target, HOST, ""))
        .collect();
    assert!(requests.len() > 40);
    assert_alike(&requests);
}

#[test]
fn methods_hosts_and_bodies_are_answered_alike() {
    let long = format!("X-Long: {}", "x".repeat(40_000));
    let too_large = " ".repeat((1 << 20) + 1);
    let evil: &[&str] = &["Host: evil.example"];
    let long_head: &[&str] = &["Host: localhost", &long];
    let requests: [Sent<'_>; 39] = [
        ("HEAD", "/name", HOST, ""),
        ("POST", "/name", HOST, ""),
        ("DELETE", "/name", HOST, ""),
        ("OPTIONS", "/name", HOST, ""),
        ("BREW", "/name", HOST, ""),
        ("get", "/name", HOST, ""),
        ("TRACE", "/name", HOST, ""),
        ("POST", "/nope", HOST, ""),
        ("GET", "/change", HOST, ""),
        ("POST", "/change", HOST, ""),
        ("OPTIONS", "*", HOST, ""),
        ("CONNECT", "localhost:80", HOST, ""),
        ("GET", "/name", &[], ""),
        ("GET", "/name", evil, ""),
        ("GET", "/name", &["Host: a b"], ""),
        ("GET", "/name", &["Host:"], ""),
        ("GET", "/name", &["Host: localhost", "Host: localhost"], ""),
        ("GET", "/name", &["Host: 127.0.0.1:1"], ""),
        ("GET", "/name", &["Host: [::1]:80"], ""),
        ("GET", "/name", &["Host: [::1].evil.example"], ""),
        ("GET", "/name", &["Host: 127.0.0.1:99999"], ""),
        ("GET", "http://evil.example/name", HOST, ""),
        ("GET", "/name", long_head, ""),
        (
            "GET",
            "/name",
            &["Host: localhost", "Accept: text/html"],
            "",
        ),
        ("POST", "/change", evil, ""),
        ("POST", "/change", &["Host: localhost", "Origin: null"], ""),
        (
            "POST",
            "/change",
            &["Host: localhost", "Origin: http://localhost"],
            "",
        ),
        (
            "POST",
            "/change",
            &["Host: localhost", "Sec-Fetch-Site: cross-site"],
            "",
        ),
        (
            "POST",
            "/change",
            &["Host: localhost", "X-Forwarded-For: 10.0.0.1"],
            "",
        ),
        ("POST", "/json", JSON, ECHO),
        ("POST", "/json", JSON, "{}"),
        ("POST", "/json", JSON, "{"),
        ("POST", "/json", JSON, ""),
        ("POST", "/json", HOST, ECHO),
        (
            "POST",
            "/json",
            &["Host: localhost", "Content-Type: text/plain"],
            ECHO,
        ),
        ("POST", "/json", JSON, &too_large),
        ("POST", "/upload", JSON, "x"),
        ("GET", "/name", HOST, "a body that nobody reads"),
        ("POST", "/name", HOST, "a body that nobody reads"),
    ];
    assert_alike(&requests);
}

#[test]
fn every_difference_is_of_a_way_in() {
    let names = ["filter_or_404", "filter in a tree", "axum", "hyper"];
    for (way, request, reason) in DIFFERENCES {
        assert!(
            names.contains(way) && !reason.is_empty(),
            "{way}: {request}"
        );
    }
}
