use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/settings", sensitive = true, sensitive = false)]
fn settings() -> String {
    String::new()
}

fn main() {}
