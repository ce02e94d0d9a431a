use admin_runtime::admin_endpoint;

#[admin_endpoint(method = "SUBSCRIBE", path = "/stats")]
fn stats() -> String {
    String::new()
}

fn main() {}
