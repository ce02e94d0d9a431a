use admin_runtime::periodic;

#[periodic(name = "")]
fn heartbeat() {}

fn main() {}
