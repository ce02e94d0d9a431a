use admin_runtime::health_check;

#[health_check(name = "periodic-high")]
fn threads() {}

fn main() {}
