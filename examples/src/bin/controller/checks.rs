//! The ready check of the controller.

use std::sync::Arc;

use admin_runtime::{State, health_check};

use crate::fleet::Fleet;

/// Every worker answers.
#[health_check(interval = "5s", timeout = "5s")]
fn workers(fleet: State<Arc<Fleet>>) -> Result<(), String> {
    let silent = fleet.health().silent();
    if silent.is_empty() {
        return Ok(());
    }
    Err(format!("no answer from {}", silent.join(", ")))
}
