use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", errors = "jsn")]
fn stats() -> String {
    String::new()
}

fn main() {}
