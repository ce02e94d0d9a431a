use admin_runtime::health_check;

#[health_check(intervall = "5s")]
fn database() {}

fn main() {}
