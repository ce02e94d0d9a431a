use admin_runtime::health_check;

#[health_check(timeout = "1000d")]
fn database() {}

fn main() {}
