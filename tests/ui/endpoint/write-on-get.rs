use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/clear", effect = "write")]
fn clear() {}

fn main() {}
