use admin_runtime::health_check;

#[health_check]
fn database(port: u16) {}

fn main() {}
