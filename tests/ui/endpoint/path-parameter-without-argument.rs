use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/cache/{tier}")]
fn stats() -> String {
    String::new()
}

fn main() {}
