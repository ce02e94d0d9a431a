use admin_runtime::periodic;

#[periodic(period = "10s")]
fn heartbeat() {}

fn main() {}
