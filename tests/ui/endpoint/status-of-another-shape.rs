use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", status = "ready")]
async fn stats() -> String {
    String::new()
}

fn ready() -> bool {
    true
}

fn main() {}
