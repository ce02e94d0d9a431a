use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", timeout = "0s")]
fn stats() -> String {
    String::new()
}

fn main() {}
