//! `GET /periodic-threads-health`

use admin_runtime::periodic::{Health, PeriodicThreads};
use admin_runtime::{Json, StatusCode, admin_endpoint};

/// Whether every critical and high periodic thread is active.
///
/// The status is 200 either way, unless `probe=true`.
#[admin_endpoint(path = "/periodic-threads-health", runtime = "admin")]
async fn periodic_threads_health(
    /// Answers 503 when unhealthy, as Kubernetes wants it.
    #[param(default = "false")]
    probe: bool,
    threads: PeriodicThreads,
) -> (StatusCode, Json<Health>) {
    let health = threads.health();
    let status = match probe && !health.healthy {
        true => StatusCode::SERVICE_UNAVAILABLE,
        false => StatusCode::OK,
    };
    (status, Json(health))
}
