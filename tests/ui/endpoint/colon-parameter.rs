use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/orders/:id")]
fn order(id: u64) -> String {
    id.to_string()
}

fn main() {}
