use admin_runtime::admin_endpoint;

#[admin_endpoint(method = "POST", path = "/clear", effect = "wirte")]
fn clear() {}

fn main() {}
