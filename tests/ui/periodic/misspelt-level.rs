use admin_runtime::periodic;

#[periodic(level = "critcal")]
fn heartbeat() {}

fn main() {}
