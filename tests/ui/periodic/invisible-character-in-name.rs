use admin_runtime::periodic;

#[periodic(name = "zw\u{200b}x")]
fn zero_width() {}

#[periodic(name = "a\u{202e}b")]
fn reversed() {}

fn main() {}
