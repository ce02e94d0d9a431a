use admin_runtime::health_check;

#[health_check(kind = "reddy")]
fn database() {}

fn main() {}
