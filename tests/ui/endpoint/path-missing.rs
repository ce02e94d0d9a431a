use admin_runtime::admin_endpoint;

#[admin_endpoint(method = "GET")]
fn stats() -> String {
    String::new()
}

fn main() {}
