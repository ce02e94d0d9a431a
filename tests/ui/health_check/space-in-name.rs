use admin_runtime::health_check;

#[health_check(name = "main database")]
fn database() {}

fn main() {}
