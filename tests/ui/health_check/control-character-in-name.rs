use admin_runtime::health_check;

#[health_check(name = "data\u{7}base")]
fn database() {}

fn main() {}
