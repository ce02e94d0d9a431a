use admin_runtime::periodic;

#[periodic(interval = "0s")]
fn heartbeat() {}

fn main() {}
