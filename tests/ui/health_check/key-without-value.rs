use admin_runtime::health_check;

#[health_check(kind)]
fn database() {}

fn main() {}
