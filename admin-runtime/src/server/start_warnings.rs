//! Warnings in the log when a server starts or is mounted.

use crate::health::HealthChecks;
use crate::log_queue;
use crate::periodic::PeriodicThreads;

/// Says that a panic of a handler ends the program.
pub(super) fn warn_about_panic_abort() {
    if cfg!(panic = "abort") {
        log_queue::emit(|| {
            tracing::warn!(
                "the program is built with panic = \"abort\": a panic in an endpoint or a periodic thread ends it; remove the line from the profile to answer with 500 instead"
            );
        });
    }
}

/// Logs what the builder was given and nothing uses.
pub(super) fn warn_about_unused(warnings: Vec<String>) {
    for warning in warnings {
        log_queue::emit(move || tracing::warn!("{warning}"));
    }
}

/// Says that a mounted server has periodic threads that nothing can start any more.
pub(super) fn warn_about_threads_not_started(threads: &PeriodicThreads) {
    let threads = threads.all();
    if threads.is_empty() {
        return;
    }
    let names: Vec<_> = threads.iter().map(|thread| thread.name()).collect();
    let names = names.join(", ");
    log_queue::emit(move || {
        tracing::warn!(
            threads = names,
            "a mounted server does not start its periodic threads: write `let server = builder.build()?; let threads = server.periodic_threads().start()?;`, keep `threads`, and mount `server.filter()` or `server.service()`; or leave them out with `.periodic(false)`"
        );
    });
}

/// Says that a mounted server has health checks that nothing can start any more.
pub(super) fn warn_about_checks_not_started(checks: &HealthChecks) {
    let names = checks.names();
    if names.is_empty() {
        return;
    }
    log_queue::emit(move || {
        tracing::warn!(
            checks = names.join(", "),
            "a mounted server does not start its health checks: write `let server = builder.build()?; let checks = server.health_checks().start()?;`, keep `checks`, and mount `server.filter()` or `server.service()`"
        );
    });
}
