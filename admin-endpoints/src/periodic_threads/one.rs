//! `GET /periodic-threads/{thread_name}`

use std::sync::Arc;

use admin_runtime::{AdminError, Json, PeriodicThreads, RunRecord, ThreadStatus, admin_endpoint};
use serde::{Serialize, Serializer};

use super::find;

/// One thread, with its last runs where they were asked for.
#[derive(Debug, Serialize)]
pub struct Detail {
    /// What the list shows of it too.
    #[serde(flatten)]
    pub status: ThreadStatus,
    /// The last runs that have ended, newest first, at most 16.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shared")]
    pub recent_runs: Option<Vec<Arc<RunRecord>>>,
}

fn shared<S: Serializer>(
    runs: &Option<Vec<Arc<RunRecord>>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(runs.iter().flatten().map(|run| &**run))
}

/// One periodic thread.
#[admin_endpoint(path = "/periodic-threads/{thread_name}", runtime = "admin")]
async fn periodic_thread(
    /// The name, percent-encoded where it must be.
    thread_name: String,
    /// Adds `recent_runs`: the last runs that have ended, newest first, at most 16.
    #[param(default = "false")]
    history: bool,
    threads: PeriodicThreads,
) -> Result<Json<Detail>, AdminError> {
    let thread = find(&threads, &thread_name)?;
    let recent_runs = history.then(|| thread.recent_runs());
    Ok(Json(Detail {
        status: thread.status(),
        recent_runs,
    }))
}
