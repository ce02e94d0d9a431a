use admin_runtime::periodic;

#[periodic(interval = "1s", interval = "2s")]
fn heartbeat() {}

fn main() {}
