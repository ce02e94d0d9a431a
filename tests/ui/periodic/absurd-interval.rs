use admin_runtime::periodic;

#[periodic(interval = "367d")]
fn heartbeat() {}

fn main() {}
