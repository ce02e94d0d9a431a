use admin_runtime::health_check;

#[health_check]
const fn database() {}

fn main() {}
