//! The workers, as the controller sees them.

use std::sync::Arc;

use admin_runtime::{Pretty, State, admin_endpoint};

use crate::fleet::{Fleet, Health};

/// Every worker with its health.
///
/// All are asked now, at the same time, for a second at most.
#[admin_endpoint(path = "/workers", timeout = "5s")]
fn workers(fleet: State<Arc<Fleet>>) -> Pretty<Health> {
    Pretty(fleet.health())
}
