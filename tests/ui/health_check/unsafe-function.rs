use admin_runtime::health_check;

#[health_check]
unsafe fn database() {}

fn main() {}
