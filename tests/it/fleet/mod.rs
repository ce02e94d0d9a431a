//! The directory of instances: registration, what instances are asked, and announcements.

mod announced;
mod asked;
mod concurrent;
mod registered;

use std::net::SocketAddr;

use admin_endpoints::fleet::FleetConfig;
use admin_runtime::RunningServer;
use admin_tests::{Reply, ask, send};
use serde_json::{Value, json};

use crate::builder;

/// A server with a directory.
fn directory(config: FleetConfig) -> RunningServer {
    let server = builder().periodic(false).config(config);
    server.start().expect("it starts")
}

fn put(at: SocketAddr, name: &str, body: &Value) -> Reply {
    let headers = ["Content-Type: application/json"];
    let target = format!("/fleet/instances/{name}");
    send(at, "PUT", &target, &headers, body.to_string().as_bytes())
}

/// Registers an address under a name, for long enough.
fn register(at: SocketAddr, name: &str, address: SocketAddr) {
    let reply = put(
        at,
        name,
        &json!({"address": address.to_string(), "ttl_seconds": 600}),
    );
    assert_eq!(reply.status, 200, "{reply:?}");
}

fn get(at: SocketAddr, target: &str) -> Value {
    let reply = ask(at, "GET", target, &[]);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

/// The names in the list of instances.
fn names(at: SocketAddr) -> Vec<String> {
    let list = get(at, "/fleet/instances");
    let instances = list["instances"].as_array().expect("a list");
    let names = instances
        .iter()
        .map(|instance| instance["name"].as_str().unwrap().to_owned());
    names.collect()
}

fn error(reply: &Reply) -> String {
    reply.json()["error"].as_str().expect("a text").to_owned()
}
