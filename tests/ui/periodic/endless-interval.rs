use admin_runtime::periodic;

#[periodic(interval = "99999999999999999999s")]
fn heartbeat() {}

fn main() {}
