use admin_runtime::health_check;

#[health_check(crate = "admin-runtime")]
fn database() {}

fn main() {}
