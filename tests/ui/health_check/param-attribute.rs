use admin_runtime::health_check;

#[health_check]
fn database(#[param(default = "3")] tries: u32) {}

fn main() {}
