use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", runtime = "admin")]
fn stats() -> String {
    String::new()
}

fn main() {}
