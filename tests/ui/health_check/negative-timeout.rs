use admin_runtime::health_check;

#[health_check(timeout = "-1s")]
fn database() {}

fn main() {}
