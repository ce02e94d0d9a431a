use admin_runtime::periodic;

#[periodic]
fn heartbeat<T>() {}

fn main() {}
