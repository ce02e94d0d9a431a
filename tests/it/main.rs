//! End-to-end tests over sockets: one binary, since it links slowly.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

mod audit;
mod bad_input;
mod certificates;
mod connections;
mod credentials;
mod endpoints;
mod env;
mod every_route;
mod fleet;
mod folder;
mod guards;
mod identity;
mod large_replies;
mod lifecycle;
mod listeners;
mod log;
mod mounted;
mod mounted_service;
mod openapi;
mod page;
mod refused_requests;
mod replies;
mod resources;
mod sensitive;
mod service_body;
mod slow_clients;
mod thread_names;
mod tls;
mod two_runtimes;
mod unknown_parameters;
mod ways_in;

use admin_runtime::{AdminServer, Builder, RunningServer};

admin_runtime::link!(admin_endpoints);
admin_runtime::build_info!();

/// A builder with the state that the endpoints of these tests take.
fn builder() -> Builder {
    log::log(); // before the first event: one that comes at the same time could disable its kind for good
    AdminServer::builder()
        .state(endpoints::Name("one"))
        .bind("127.0.0.1:0")
}

fn started() -> RunningServer {
    builder().start().expect("it starts")
}
