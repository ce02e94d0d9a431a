use admin_runtime::admin_endpoint;

#[admin_endpoint(post = "/stats")]
fn stats() -> String {
    String::new()
}

fn main() {}
