//! Query parameters that an endpoint does not have.

use admin_runtime::admin_endpoint;
use admin_tests::{ask, send};

use crate::started;

/// Accepts only what it has.
#[admin_endpoint(path = "/strict/{tier}", deny_unknown = true)]
async fn strict(
    tier: String,
    #[param(name = "top-n")] top: Option<u8>,
    tag: Vec<String>,
) -> String {
    format!("{tier} {top:?} {}", tag.len())
}

/// Has no parameter, and accepts none.
#[admin_endpoint(method = "POST", path = "/strict", deny_unknown = true)]
async fn bare() {}

#[test]
fn a_strict_endpoint_names_unknown_and_known_parameters() {
    let server = started();
    let at = server.local_addr();
    let reply = ask(at, "GET", "/strict/hot?top-n=3&tag=a&tag=b", &[]);
    assert_eq!((reply.status, reply.body.as_str()), (200, "hot Some(3) 2"));
    let reply = ask(at, "GET", "/strict/hot?topn=3&tag=a", &[]);
    let expected = "Unknown parameter 'topn': this endpoint has 'top-n', 'tag'";
    assert_eq!((reply.status, reply.body.trim_end()), (400, expected));
    assert_eq!(reply.header("x-unknown-parameters"), "topn");
    let reply = ask(at, "GET", "/strict/hot?tier=cold&a=1&a=2", &[]);
    assert_eq!(reply.status, 400, "a path parameter is not in the query");
    assert!(
        reply.body.starts_with("Unknown parameters 'tier', 'a': "),
        "{reply:?}"
    );
    let reply = send(at, "POST", "/strict?force=1", &[], b"");
    let expected = "Unknown parameter 'force': this endpoint has none";
    assert_eq!((reply.status, reply.body.trim_end()), (400, expected));
}

#[test]
fn unknown_names_are_escaped_and_bounded() {
    let server = started();
    let at = server.local_addr();
    let reply = ask(at, "GET", "/strict/hot?%0aforged%e2%80%ae=1", &[]);
    assert_eq!(reply.status, 400);
    assert!(reply.body.contains(r"'\nforged\u{202e}'"), "{reply:?}");
    let many: Vec<String> = (0..100)
        .map(|n| format!("{n}{}=1", "x".repeat(60)))
        .collect();
    let reply = ask(at, "GET", &format!("/strict/hot?{}", many.join("&")), &[]);
    assert_eq!(
        (reply.status, reply.body.matches("xxx...'").count()),
        (400, 8)
    );
}

#[test]
fn other_endpoints_ignore_and_name_unknown_parameters() {
    let server = started();
    let reply = ask(server.local_addr(), "GET", "/name?nmae=%0a&other%21=2", &[]);
    assert_eq!((reply.status, reply.body.as_str()), (200, "one"));
    let header = reply.header("x-unknown-parameters");
    assert_eq!(header, "nmae, other%21");
}

#[test]
fn openapi_shows_that_an_endpoint_is_strict() {
    let server = started();
    let document = ask(server.local_addr(), "GET", "/openapi.json", &[]).body;
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let operation = |path: &str, method: &str| &document["paths"][path][method]["x-deny-unknown"];
    assert_eq!(operation("/strict/{tier}", "get"), true);
    assert_eq!(operation("/strict", "post"), true);
    assert!(operation("/name", "get").is_null());
}
