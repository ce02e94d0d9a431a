//! `POST /periodic-threads/{thread_name}/run`, `/pause`, `/resume`

use admin_runtime::periodic::{NotRunning, PeriodicThreads, ThreadStatus};
use admin_runtime::{AdminError, Audit, Json, PeriodicThread, admin_endpoint};

use super::lookup::find;

/// Applies a command to a thread and returns its status afterwards; 409 if the thread is not running.
fn control(
    threads: &PeriodicThreads,
    name: &str,
    audit: &Audit,
    command: impl FnOnce(&PeriodicThread) -> Result<(), NotRunning>,
) -> Result<Json<ThreadStatus>, AdminError> {
    let thread = find(threads, name)?;
    let before = thread.state();
    command(&thread).map_err(|error| AdminError::conflict(error.to_string()))?;
    let status = thread.status();
    audit.change(before, status.state);
    Ok(Json(status))
}

/// Run a periodic thread now.
///
/// If it is running, it runs once more right after. A paused thread runs once and stays paused. The
/// reply does not wait for the run.
#[admin_endpoint(
    method = "POST",
    path = "/periodic-threads/{thread_name}/run",
    runtime = "admin"
)]
async fn run_periodic_thread(
    /// The name of the thread, percent-encoded where necessary.
    thread_name: String,
    threads: PeriodicThreads,
    audit: Audit,
) -> Result<Json<ThreadStatus>, AdminError> {
    control(&threads, &thread_name, &audit, PeriodicThread::run_now)
}

/// Pause a periodic thread: no further run starts.
///
/// A run in progress ends first. A paused critical or high thread is unhealthy.
#[admin_endpoint(
    method = "POST",
    path = "/periodic-threads/{thread_name}/pause",
    runtime = "admin"
)]
async fn pause_periodic_thread(
    /// The name of the thread, percent-encoded where necessary.
    thread_name: String,
    threads: PeriodicThreads,
    audit: Audit,
) -> Result<Json<ThreadStatus>, AdminError> {
    control(&threads, &thread_name, &audit, PeriodicThread::pause)
}

/// Resume a paused periodic thread.
///
/// A run that became due during the pause starts at once.
#[admin_endpoint(
    method = "POST",
    path = "/periodic-threads/{thread_name}/resume",
    runtime = "admin"
)]
async fn resume_periodic_thread(
    /// The name of the thread, percent-encoded where necessary.
    thread_name: String,
    threads: PeriodicThreads,
    audit: Audit,
) -> Result<Json<ThreadStatus>, AdminError> {
    control(&threads, &thread_name, &audit, PeriodicThread::resume)
}
