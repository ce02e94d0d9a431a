use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/settings", senstive = true)]
fn settings() -> String {
    String::new()
}

fn main() {}
