use admin_runtime::periodic;

#[periodic(interval = "1m30")]
fn heartbeat() {}

fn main() {}
