use admin_runtime::admin_endpoint;

#[admin_endpoint(queue = "/stats", path = "/stats")]
fn stats() -> String {
    String::new()
}

fn main() {}
