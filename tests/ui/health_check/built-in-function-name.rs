use admin_runtime::health_check;

#[health_check]
fn accepting() {}

fn main() {}
