//! `GET /periodic-threads-health`

use admin_runtime::periodic::{Health, PeriodicThreads};
use admin_runtime::{Json, StatusCode, admin_endpoint};

/// Check that every critical and high periodic thread is active.
///
/// The status is 200 in both cases, unless `probe=true`.
#[admin_endpoint(path = "/periodic-threads-health", runtime = "admin")]
async fn periodic_threads_health(
    /// Reply with 503 if unhealthy, as probes of Kubernetes expect.
    #[param(default = "false")]
    probe: bool,
    threads: PeriodicThreads,
) -> (StatusCode, Json<Health>) {
    let health = threads.health();
    let status = if probe && !health.healthy {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    (status, Json(health))
}
