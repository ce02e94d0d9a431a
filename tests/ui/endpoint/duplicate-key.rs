use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", path = "/statistics")]
fn stats() -> String {
    String::new()
}

fn main() {}
