use admin_runtime::admin_endpoint;

#[admin_endpoint(GET, path = "/stats")]
fn stats() -> String {
    String::new()
}

fn main() {}
