use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", resource = "open the file")]
async fn stats() -> String {
    String::new()
}

fn main() {}
