use admin_runtime::periodic;

#[periodic]
struct Heartbeat;

fn main() {}
