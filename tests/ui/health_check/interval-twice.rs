use admin_runtime::health_check;

#[health_check(interval = "5s", interval = "10s")]
fn database() {}

fn main() {}
