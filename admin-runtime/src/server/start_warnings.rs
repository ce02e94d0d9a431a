//! Warnings in the log when a server starts or is mounted.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::health::HealthChecks;
use crate::log_queue;
use crate::periodic::PeriodicThreads;
use crate::text::one_line;

/// The bit of a mode that lets everyone read.
const READABLE_BY_OTHERS: u32 = 0o004;

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

/// Logs what the builder was given and nothing uses, or what permits more than its author may think.
pub(super) fn warn_about_settings(warnings: Vec<String>) {
    for warning in warnings {
        log_queue::emit(move || tracing::warn!("{warning}"));
    }
}

/// Says that others can guess the secrets of these tokens.
pub(super) fn warn_about_short_secrets(names: &[String]) {
    if names.is_empty() {
        return;
    }
    let tokens = one_line(names.join(", "));
    log_queue::emit(move || {
        tracing::warn!(
            tokens,
            "the secrets of these tokens are shorter than 8 characters, and a listener is reachable from other machines, which can guess them: use random ones, such as those of `openssl rand -hex 32`"
        );
    });
}

/// Says that all users of the machine can read a file with secrets.
pub(super) fn warn_about_readable_file(path: &Path) {
    let mode = fs::metadata(path).map(|metadata| metadata.permissions().mode());
    if mode.is_ok_and(|mode| mode & READABLE_BY_OTHERS != 0) {
        let path = one_line(path.display());
        log_queue::emit(move || {
            tracing::warn!(
                path,
                "every user of this machine can read this file of secrets: change its mode to 0600, or 0640 for a group"
            );
        });
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
