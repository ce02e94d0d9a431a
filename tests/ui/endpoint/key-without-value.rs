use admin_runtime::admin_endpoint;

#[admin_endpoint(path)]
fn stats() -> String {
    String::new()
}

fn main() {}
