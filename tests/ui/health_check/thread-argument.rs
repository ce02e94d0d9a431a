use admin_runtime::{PeriodicThread, health_check};

#[health_check]
fn database(thread: PeriodicThread) {}

fn main() {}
