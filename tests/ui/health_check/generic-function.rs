use admin_runtime::health_check;

#[health_check]
fn database<T>() {}

fn main() {}
