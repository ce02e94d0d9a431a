use admin_runtime::admin_endpoint;

#[admin_endpoint(method = ["GET", "POST"], path = "/stats")]
fn stats() -> String {
    String::new()
}

fn main() {}
