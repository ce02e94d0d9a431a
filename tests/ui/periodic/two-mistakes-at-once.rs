use admin_runtime::periodic;

#[periodic(level = "urgent", interval = "10")]
fn heartbeat() {}

fn main() {}
