//! `GET /periodic-threads/{thread_name}`

use std::sync::Arc;

use admin_runtime::periodic::{PeriodicThreads, RunRecord, ThreadStatus};
use admin_runtime::{AdminError, Json, admin_endpoint};
use serde::{Serialize, Serializer};

use super::lookup::find;

/// One thread, with its last runs if they were requested.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, periodic};
/// use std::time::Duration;
///
/// /// Removes deleted entries.
/// #[periodic(level = "high", interval = "1h")]
/// fn compaction() {}
///
/// # admin_runtime::link!(admin_endpoints);
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let admin = AdminServer::builder().bind("127.0.0.1:0").start()?;
/// let thread = admin.periodic_threads().get("compaction").ok_or("no such thread")?;
/// assert!(thread.wait_until(Duration::from_secs(60), |status| status.total_runs == 1));
///
/// let reply = admin.test_client().get("/periodic-threads/compaction?history=true").await;
/// let detail: serde_json::Value = reply.json();
/// assert_eq!((&detail["level"], &detail["interval"]), (&"high".into(), &3600.0.into()));
/// assert_eq!(detail["recent_runs"][0]["success"], true);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct ThreadDetail {
    /// Its status, as in the list.
    #[serde(flatten)]
    pub status: ThreadStatus,
    /// The last runs that have ended, newest first, at most 16.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "serialize_runs"
    )]
    pub recent_runs: Option<Vec<Arc<RunRecord>>>,
}

fn serialize_runs<S: Serializer>(
    runs: &Option<Vec<Arc<RunRecord>>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(runs.iter().flatten().map(|run| &**run))
}

/// Get one periodic thread.
#[admin_endpoint(path = "/periodic-threads/{thread_name}", runtime = "admin")]
async fn periodic_thread(
    /// The name of the thread, percent-encoded where necessary.
    thread_name: String,
    /// Add `recent_runs`: the last runs that have ended, newest first, at most 16.
    #[param(default = "false")]
    history: bool,
    threads: PeriodicThreads,
) -> Result<Json<ThreadDetail>, AdminError> {
    let thread = find(&threads, &thread_name)?;
    let recent_runs = history.then(|| thread.recent_runs());
    Ok(Json(ThreadDetail {
        status: thread.status(),
        recent_runs,
    }))
}
