use admin_runtime::health_check;

#[health_check(name = "zw\u{200b}x")]
fn zero_width() {}

#[health_check(name = "a\u{202e}b")]
fn reversed() {}

fn main() {}
