use admin_runtime::health_check;

#[health_check(kind = "startup")]
fn database() {}

fn main() {}
