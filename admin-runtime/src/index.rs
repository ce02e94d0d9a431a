//! `GET /`: the index of everything that is linked, written with the public macro.

use crate::admin_endpoint;
use crate::registry::{Index, Registry};
use crate::response::Pretty;

/// Every endpoint of this server.
///
/// Method, path, effect, summary, parameters, crate and place of each, sorted by path and method.
#[admin_endpoint(path = "/", runtime = "admin")]
async fn index(registry: Registry) -> Pretty<Index> {
    Pretty(registry.index())
}
