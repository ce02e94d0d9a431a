use admin_runtime::periodic;

#[periodic(name = "heart\nbeat")]
fn heartbeat() {}

fn main() {}
