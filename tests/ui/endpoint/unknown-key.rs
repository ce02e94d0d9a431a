use admin_runtime::admin_endpoint;

#[admin_endpoint(route = "/stats", path = "/stats")]
fn stats() -> String {
    String::new()
}

fn main() {}
