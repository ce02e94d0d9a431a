use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", crate = "admin-runtime")]
fn stats() -> String {
    String::new()
}

fn main() {}
