use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/settings", sensitive)]
fn settings() -> String {
    String::new()
}

fn main() {}
