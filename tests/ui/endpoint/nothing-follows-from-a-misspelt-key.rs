use admin_runtime::{Json, admin_endpoint};

#[admin_endpoint(methd = "POST", path = "/clear", effect = "write")]
fn clear(_body: Json<u8>) {}

fn main() {}
