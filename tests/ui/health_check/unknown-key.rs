use admin_runtime::health_check;

#[health_check(level = "high")]
fn database() {}

fn main() {}
