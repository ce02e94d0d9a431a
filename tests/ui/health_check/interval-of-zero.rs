use admin_runtime::health_check;

#[health_check(interval = "0s")]
fn database() {}

fn main() {}
