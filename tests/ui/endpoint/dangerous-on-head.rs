use admin_runtime::admin_endpoint;

#[admin_endpoint(method = "HEAD", path = "/clear", effect = "dangerous")]
fn clear() {}

fn main() {}
