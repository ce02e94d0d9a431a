use admin_runtime::{RunSummary, health_check};

#[health_check]
fn database() -> RunSummary {
    RunSummary::new("ok")
}

fn main() {}
