use admin_runtime::periodic;

#[periodic(interval = "-10s")]
fn heartbeat() {}

fn main() {}
