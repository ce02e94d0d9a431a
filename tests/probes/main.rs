//! Probes over sockets: checks linked with the attribute, run by the server, asked by HTTP.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod checks;
mod formats;
mod hanging;
mod threads;
mod trust;

use std::time::Duration;

use admin_runtime::health::CheckKind;
use admin_runtime::{AdminServer, Builder, RunningServer};
use admin_tests::{Reply, ask};

use crate::checks::Switches;

admin_runtime::link!(admin_endpoints);

/// How long an event may take that comes unless something is broken.
const EVENT_TIMEOUT: Duration = Duration::from_secs(20);

fn builder(switches: &Switches) -> Builder {
    AdminServer::builder()
        .state(switches.clone())
        .bind("127.0.0.1:0")
}

/// A server whose checks have all run.
fn started(switches: &Switches) -> RunningServer {
    let server = builder(switches).start().expect("it starts");
    let checks = server.health_checks();
    for kind in [CheckKind::Live, CheckKind::Ready] {
        assert!(checks.wait_until_healthy(kind, EVENT_TIMEOUT), "{checks:?}");
    }
    server
}

fn get(server: &RunningServer, target: &str, headers: &[&str]) -> Reply {
    ask(server.local_addr(), "GET", target, headers)
}

/// Waits until a check fails with this message.
#[track_caller]
fn wait_for_failure(server: &RunningServer, kind: CheckKind, name: &str, message: &str) {
    admin_tests::poll_until(message, || {
        let reports = server.health_checks().reports(kind).into_iter();
        let mut failed = reports.filter(|report| report.name == name);
        failed
            .any(|report| report.message.as_deref() == Some(message))
            .then_some(())
    });
}
