use admin_runtime::periodic;

#[periodic(level = critical)]
fn heartbeat() {}

fn main() {}
