use admin_runtime::periodic;

#[periodic(failures = "3")]
fn heartbeat() {}

fn main() {}
