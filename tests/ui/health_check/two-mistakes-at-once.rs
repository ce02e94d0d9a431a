use admin_runtime::health_check;

#[health_check(kind = "alive", timeout = "1")]
fn database() {}

fn main() {}
