//! The endpoints that are measured, among two hundred.

use admin_runtime::{AdminServer, Builder, Json, admin_endpoint};
use serde::Serialize;

admin_runtime::link!(admin_endpoints);

/// How many endpoints the server has in all.
const ENDPOINTS: usize = 200;

/// An endpoint that runs beside the guards, as the common routes do.
pub(crate) const ADMIN_ENDPOINT: &str = "/cache/stats";

/// An endpoint of an application: its body runs on the user runtime.
pub(crate) const USER_ENDPOINT: &str = "/queue/stats";

/// A small reply, the same from every server.
#[derive(Serialize)]
pub(crate) struct Stats {
    hits: u64,
    misses: u64,
}

impl Stats {
    pub(crate) fn read() -> Self {
        Self { hits: 1, misses: 2 }
    }
}

#[admin_endpoint(path = "/cache/stats", runtime = "admin")]
async fn cache_stats() -> Json<Stats> {
    Json(Stats::read())
}

#[admin_endpoint(path = "/queue/stats")]
async fn queue_stats() -> Json<Stats> {
    Json(Stats::read())
}

/// A builder with the linked endpoints and as many more as make it two hundred.
pub(crate) fn builder() -> Builder {
    let linked = AdminServer::builder().build().unwrap();
    let linked = linked.registry().endpoints();
    let template = *linked.iter().find(|e| e.path() == USER_ENDPOINT).unwrap();
    (linked.len()..ENDPOINTS).fold(AdminServer::builder(), |builder, number| {
        builder.endpoint(template.with_path(format!("/component{number}/stats").leak()))
    })
}
