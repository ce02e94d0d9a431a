use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", status = "is it ready?")]
async fn stats() -> String {
    String::new()
}

fn main() {}
