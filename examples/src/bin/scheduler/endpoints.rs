//! The endpoints of the queue.

use std::sync::Arc;

use admin_runtime::{AdminError, Audit, Json, Pretty, State, StatusCode, admin_endpoint};
use cache_engine::BlockKey;
use serde::Deserialize;

use crate::queue::{Queue, Request, Status, Ticket};

/// The queue: waiting requests, and counts of served ones.
#[admin_endpoint(path = "/queue")]
async fn queue(
    /// Number of waiting requests to show.
    #[param(default = "20")]
    limit: usize,
    queue: State<Arc<Queue>>,
) -> Pretty<Status> {
    Pretty(queue.status(limit))
}

/// The blocks of a prompt.
#[derive(Deserialize)]
struct Prompt {
    blocks: Vec<BlockKey>,
}

/// The largest number of blocks of one request.
const MAX_BLOCKS: usize = 1024;

/// Queue a request for the blocks of one prompt.
///
/// The body is `{"blocks": ["00000000000000ff", ...]}`, from the prompt's beginning, at most 1024.
#[admin_endpoint(method = "POST", path = "/queue")]
async fn submit(
    Json(prompt): Json<Prompt>,
    queue: State<Arc<Queue>>,
    audit: Audit,
) -> Result<(StatusCode, Json<Ticket>), AdminError> {
    let count = prompt.blocks.len();
    if !(1..=MAX_BLOCKS).contains(&count) {
        return Err(AdminError::bad_request(format!(
            "Invalid blocks: {count} of them, expected 1 to {MAX_BLOCKS}"
        )));
    }
    let ticket = queue.submit(prompt.blocks).map_err(|full| {
        AdminError::too_many_requests(format!("{} requests wait already", full.capacity))
    })?;
    audit.change("-", format_args!("request {}", ticket.id));
    Ok((StatusCode::ACCEPTED, Json(ticket)))
}

/// Cancel a request that still waits.
#[admin_endpoint(method = "DELETE", path = "/queue/{id}")]
async fn cancel(
    /// The id of the ticket.
    id: u64,
    queue: State<Arc<Queue>>,
    audit: Audit,
) -> Result<Json<Request>, AdminError> {
    let waiting = || AdminError::not_found(format!("No request {id} waits"));
    let cancelled = queue.cancel(id).ok_or_else(waiting)?;
    audit.change(format_args!("request {id}"), "cancelled");
    Ok(Json(cancelled))
}
