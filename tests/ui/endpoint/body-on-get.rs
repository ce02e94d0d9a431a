use admin_runtime::{Json, admin_endpoint};

#[admin_endpoint(path = "/stats")]
fn stats(body: Json<Vec<u8>>) -> String {
    format!("{:?}", body.0)
}

fn main() {}
