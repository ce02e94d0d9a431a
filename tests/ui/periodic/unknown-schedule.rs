use admin_runtime::periodic;

#[periodic(schedule = "cron")]
fn heartbeat() {}

fn main() {}
