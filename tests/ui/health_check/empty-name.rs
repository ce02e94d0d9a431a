use admin_runtime::health_check;

#[health_check(name = "")]
fn database() {}

fn main() {}
