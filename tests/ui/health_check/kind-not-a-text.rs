use admin_runtime::health_check;

#[health_check(kind = live)]
fn database() {}

fn main() {}
