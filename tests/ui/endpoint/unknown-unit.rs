use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", timeout = "10parsecs")]
fn stats() -> String {
    String::new()
}

fn main() {}
