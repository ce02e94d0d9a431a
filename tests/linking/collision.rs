//! Collisions between crates and within one: all reported, each with both places.

#![allow(clippy::unwrap_used, reason = "tests")]

use admin_runtime::introspect::Problem;
use admin_runtime::{AdminServer, admin_endpoint};

admin_runtime::link!(admin_endpoints);

#[admin_endpoint(path = "/env")]
async fn env() {}

#[admin_endpoint(path = "/a/{x}")]
async fn x(x: String) -> String {
    x
}

#[admin_endpoint(path = "/a/{y}")]
async fn y(y: String) -> String {
    y
}

#[admin_endpoint(method = "POST", path = "/a/{z}")]
async fn z(z: String) -> String {
    z
}

#[test]
fn both_places_of_every_collision() {
    let error = AdminServer::builder().build().expect_err("two collisions");
    let text = error.to_string();
    assert_eq!(error.problems().len(), 2, "{text}");
    assert!(
        error
            .problems()
            .iter()
            .all(|problem| matches!(problem, Problem::Collision { .. }))
    );
    for part in [
        "two endpoints answer GET /a/{x}: one at crate collision, tests/linking/collision.rs:",
        " as /a/{y}",
        "two endpoints answer GET /env: one at crate admin_endpoints, admin-endpoints/src/env/mod.rs:",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn excluding_both_leaves_a_server() {
    let server = AdminServer::builder()
        .exclude("/env")
        .exclude("GET /a/*")
        .build()
        .expect("it builds");
    let endpoints = server.registry().endpoints();
    let has = |path| endpoints.iter().any(|endpoint| endpoint.path() == path);
    assert!(has("/a/{z}") && has("/"), "the rest is there");
    assert!(!has("/env") && !has("/a/{x}") && !has("/a/{y}"));
}
