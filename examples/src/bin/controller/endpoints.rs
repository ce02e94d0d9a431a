//! The endpoint of the controller.

use std::sync::Arc;

use admin_runtime::{Pretty, State, admin_endpoint};

use crate::fleet::{Fleet, Health};

/// Every worker with its health.
///
/// The controller queries all of them now, for a second at most.
#[admin_endpoint(path = "/workers", timeout = "5s")]
fn workers(fleet: State<Arc<Fleet>>) -> Pretty<Health> {
    Pretty(fleet.health())
}
