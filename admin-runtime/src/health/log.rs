//! The log of health checks: one line for each change.

use super::descriptor::HealthCheckDescriptor;
use crate::log_queue;
use crate::text::one_line;

/// Logs that a check failed, or that it is healthy again.
pub(super) fn changed(check: &HealthCheckDescriptor, failure: Option<&str>) {
    let (name, kind) = (one_line(check.name), check.settings.kind);
    match failure.map(one_line) {
        Some(error) => log_queue::emit(move || {
            tracing::warn!(check = %name, %kind, error, "health check failed");
        }),
        None => log_queue::emit(move || {
            tracing::info!(check = %name, %kind, "health check is ok again");
        }),
    }
}
