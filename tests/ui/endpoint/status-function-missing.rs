use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", status = "is_ready")]
async fn stats() -> String {
    String::new()
}

fn main() {}
