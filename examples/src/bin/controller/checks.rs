//! The ready check of the controller.

use std::sync::Arc;

use admin_runtime::{State, health_check};

use crate::fleet::Fleet;

/// Every worker answers with a 2xx and JSON.
#[health_check(interval = "5s", timeout = "5s")]
fn workers(fleet: State<Arc<Fleet>>) -> Result<(), String> {
    let problems = fleet.health().problems();
    if problems.is_empty() {
        return Ok(());
    }
    Err(problems.join("; "))
}
