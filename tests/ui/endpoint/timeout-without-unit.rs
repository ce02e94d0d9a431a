use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", timeout = "10")]
fn stats() -> String {
    String::new()
}

fn main() {}
