use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", trailing_slash = true)]
fn stats() -> String {
    String::new()
}

fn main() {}
