use admin_runtime::health_check;

#[health_check(interval = 10)]
fn database() {}

fn main() {}
