use admin_runtime::admin_endpoint;

#[admin_endpoint]
fn stats() -> String {
    String::new()
}

fn main() {}
