//! `POST /periodic-threads/{thread_name}/run`, `/pause`, `/resume`

use admin_runtime::periodic::{NotRunning, PeriodicThreads, ThreadStatus};
use admin_runtime::{AdminError, Audit, Json, PeriodicThread, admin_endpoint};

use super::find;

/// Commands a thread; answers with what it is then. A thread without a loop obeys nothing: 409.
fn command(
    threads: &PeriodicThreads,
    name: &str,
    audit: &Audit,
    command: impl FnOnce(&PeriodicThread) -> Result<(), NotRunning>,
) -> Result<Json<ThreadStatus>, AdminError> {
    let thread = find(threads, name)?;
    let before = thread.state();
    command(&thread).map_err(|refused| AdminError::conflict(refused.to_string()))?;
    let status = thread.status();
    audit.change(before, status.state);
    Ok(Json(status))
}

/// Let a periodic thread run at once.
///
/// During a run, once more right after. A paused thread runs once and stays paused. Does not wait
/// for the run.
#[admin_endpoint(
    method = "POST",
    path = "/periodic-threads/{thread_name}/run",
    runtime = "admin"
)]
async fn run_periodic_thread(
    /// The name, percent-encoded where it must be.
    thread_name: String,
    threads: PeriodicThreads,
    audit: Audit,
) -> Result<Json<ThreadStatus>, AdminError> {
    command(&threads, &thread_name, &audit, PeriodicThread::wake)
}

/// Let no further run of a periodic thread begin.
///
/// A run that goes on ends first. A paused critical or high thread is unhealthy.
#[admin_endpoint(
    method = "POST",
    path = "/periodic-threads/{thread_name}/pause",
    runtime = "admin"
)]
async fn pause_periodic_thread(
    /// The name, percent-encoded where it must be.
    thread_name: String,
    threads: PeriodicThreads,
    audit: Audit,
) -> Result<Json<ThreadStatus>, AdminError> {
    command(&threads, &thread_name, &audit, PeriodicThread::pause)
}

/// End the pause of a periodic thread.
///
/// A run that came due meanwhile begins at once.
#[admin_endpoint(
    method = "POST",
    path = "/periodic-threads/{thread_name}/resume",
    runtime = "admin"
)]
async fn resume_periodic_thread(
    /// The name, percent-encoded where it must be.
    thread_name: String,
    threads: PeriodicThreads,
    audit: Audit,
) -> Result<Json<ThreadStatus>, AdminError> {
    command(&threads, &thread_name, &audit, PeriodicThread::resume)
}
