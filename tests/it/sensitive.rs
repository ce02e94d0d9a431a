//! Reads of sensitive data.

use std::net::SocketAddr;

use admin_runtime::{RunningServer, admin_endpoint};
use admin_tests::{Reply, ask};
use tower_service::Service;

use crate::{builder, started};

/// What an unauthenticated remote client must not see.
#[admin_endpoint(path = "/sensitive/{part}", sensitive = true, errors = "json")]
async fn sensitive(part: String) -> String {
    part
}

/// Sensitive, and a write with a parameter.
#[admin_endpoint(
    path = "/sensitive",
    sensitive = true,
    deny_unknown = true,
    effect_if(query = "set", effect = "write")
)]
async fn changeable(set: Option<String>) -> String {
    set.unwrap_or_default()
}

fn over_loopback(server: &RunningServer) -> SocketAddr {
    ([127, 0, 0, 1], server.local_addr().port()).into()
}

fn assert_refused(reply: &Reply, reason: &str) {
    assert_eq!(reply.status, 403, "{reply:?}");
    let body = &reply.body;
    assert!(body.contains("shows sensitive data"), "{body}");
    assert!(body.contains(reason), "{body}");
    assert!(body.contains("configure token(..)"), "{body}");
}

#[test]
fn loopback_reads_sensitive_data_but_not_through_proxies() {
    let server = started();
    let at = server.local_addr();
    assert_eq!(ask(at, "GET", "/sensitive/x", &[]).body, "x");
    for header in [
        "X-Forwarded-For: 127.0.0.1",
        "x-forwarded-for:",
        "Forwarded: for=127.0.0.1",
        "Via: 1.1 proxy",
        "X-Real-IP: 127.0.0.1",
    ] {
        let reply = ask(at, "GET", "/sensitive/x", &[header]);
        assert_refused(&reply, "through a proxy");
        assert_eq!(ask(at, "HEAD", "/sensitive/x", &[header]).status, 403);
        assert_eq!(ask(at, "GET", "/name", &[header]).status, 200, "{header}");
    }
}

#[test]
fn pages_of_other_sites_cannot_read_sensitive_data() {
    let server = started();
    let at = server.local_addr();
    let site = "Sec-Fetch-Site: cross-site";
    for sent in [
        &[site, "Sec-Fetch-Mode: no-cors"][..],
        &[site, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"],
        &["Origin: https://evil.example"],
        &["Referer: https://evil.example/page"],
    ] {
        let reply = ask(at, "GET", "/sensitive/x", sent);
        assert_eq!(reply.status, 403, "{sent:?}");
        let text = "cross-site reads of sensitive data are refused";
        assert!(reply.body.contains(text), "{}", reply.body);
        assert_eq!(ask(at, "GET", "/name", sent).status, 200, "{sent:?}");
    }
    let link = [site, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"];
    assert_eq!(ask(at, "GET", "/sensitive/x", &link).body, "x");
}

#[test]
fn the_network_needs_credentials_for_sensitive_data() {
    let open = builder().bind("0.0.0.0:0").start().unwrap();
    let at = over_loopback(&open);
    let reply = ask(at, "GET", "/sensitive/x", &[]);
    assert_refused(&reply, "bound beyond loopback");
    assert_eq!(ask(at, "HEAD", "/sensitive/x", &[]).status, 403);
    assert_eq!(ask(at, "GET", "/sensitive?set=1", &[]).status, 403);
    assert_eq!(ask(at, "GET", "/name", &[]).status, 200);
    let unknown = ask(at, "GET", "/sensitive?unknown=1", &[]);
    assert_refused(&unknown, "bound beyond loopback");

    let guarded = builder().bind("0.0.0.0:0").token("ops", "s3cret");
    let guarded = guarded.start().unwrap();
    let at = over_loopback(&guarded);
    assert_eq!(ask(at, "GET", "/sensitive/x", &[]).status, 401);
    let token = "Authorization: Bearer s3cret";
    assert_eq!(ask(at, "GET", "/sensitive/x", &[token]).body, "x");
    let proxied = ["Via: 1.1 proxy", token];
    assert_eq!(ask(at, "GET", "/sensitive/x", &proxied).body, "x");
}

#[tokio::test]
async fn mounted_servers_hide_sensitive_data_without_credentials() {
    let status = async |builder: admin_runtime::Builder, token: &str| {
        let request = http::Request::get("/sensitive/x").header("host", "localhost");
        let request = request.header("authorization", format!("Bearer {token}"));
        let request = request.body(http_body_util::Empty::<bytes::Bytes>::new());
        let mut service = builder.service().unwrap();
        let Ok(reply) = service.call(request.unwrap()).await;
        reply.status().as_u16()
    };
    assert_eq!(status(builder(), "").await, 403);
    assert_eq!(status(builder().trust_loopback(), "").await, 200);
    assert_eq!(
        status(builder().token("ops", "s3cret"), "s3cret").await,
        200
    );
}

#[test]
fn sensitive_endpoints_are_marked() {
    let server = started();
    let json = |target: &str| -> serde_json::Value {
        let reply = ask(server.local_addr(), "GET", target, &[]);
        serde_json::from_str(&reply.body).unwrap()
    };
    let index = json("/");
    let endpoints = index["endpoints"].as_array().unwrap();
    let entry = |path: &str| endpoints.iter().find(|entry| entry["path"] == path);
    assert_eq!(entry("/sensitive/{part}").unwrap()["sensitive"], true);
    assert!(entry("/name").unwrap().get("sensitive").is_none());
    let document = json("/openapi.json");
    let operation = |path: &str| &document["paths"][path]["get"]["x-sensitive"];
    assert_eq!(operation("/sensitive/{part}"), true);
    assert!(operation("/name").is_null());
    let page = ask(server.local_addr(), "GET", "/?format=list", &[]);
    assert!(page.body.contains("<span>sensitive</span></h2>"));
}
