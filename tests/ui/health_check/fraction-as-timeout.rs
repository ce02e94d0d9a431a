use admin_runtime::health_check;

#[health_check(timeout = "0.5s")]
fn database() {}

fn main() {}
