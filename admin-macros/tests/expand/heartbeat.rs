#[periodic(level = "critical")]
fn heartbeat() {}
