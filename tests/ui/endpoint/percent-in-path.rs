use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/my%20stats")]
fn stats() -> String {
    String::new()
}

fn main() {}
