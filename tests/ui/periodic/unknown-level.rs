use admin_runtime::periodic;

#[periodic(level = "urgent")]
fn heartbeat() {}

fn main() {}
