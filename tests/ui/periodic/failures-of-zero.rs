use admin_runtime::periodic;

#[periodic(failures = 0)]
fn heartbeat() {}

fn main() {}
