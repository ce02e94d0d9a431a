//! Periodic threads over sockets: linked with the attribute, started by the server, asked by HTTP.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod bad_input;
mod cases;
mod control;
mod logged;
mod servers;
mod shapes;
mod threads;
mod wedged;

use std::time::Duration;

use admin_runtime::{AdminServer, Builder, RunningServer};
use admin_tests::{Reply, ask};
use serde_json::Value;

use crate::threads::Switch;

admin_runtime::link!(admin_endpoints);

/// How long an event may take that comes unless something is broken.
const EVENT_TIMEOUT: Duration = Duration::from_secs(20);

/// A builder for a server of that name, with the switch that breaks its heartbeat.
fn builder(name: &str, switch: &Switch) -> Builder {
    AdminServer::builder()
        .name(name)
        .state(switch.clone())
        .bind("127.0.0.1:0")
}

fn started(name: &str, switch: &Switch) -> RunningServer {
    builder(name, switch).start().expect("it starts")
}

fn get(server: &RunningServer, target: &str) -> Value {
    let reply = ask(server.local_addr(), "GET", target, &[]);
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, "application/json")
    );
    json(&reply)
}

fn post(server: &RunningServer, target: &str) -> Reply {
    ask(server.local_addr(), "POST", target, &["Content-Length: 0"])
}

fn json(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap_or_else(|error| panic!("{error}: {}", reply.body))
}

fn healthy(server: &RunningServer) -> bool {
    get(server, "/periodic-threads-health")["healthy"]
        .as_bool()
        .expect("a bool")
}
