use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", runtime = "amdin")]
async fn stats() -> String {
    String::new()
}

fn main() {}
