use admin_runtime::periodic;

#[periodic(interval = "1m", backoff = "30s")]
fn heartbeat() {}

fn main() {}
