use admin_runtime::periodic;

#[periodic(schedule = "fixed_rate", jitter = "10s")]
fn heartbeat() {}

fn main() {}
