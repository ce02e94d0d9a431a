use admin_runtime::admin_endpoint;

#[admin_endpoint(path = concat!("/", "stats"))]
fn stats() -> String {
    String::new()
}

fn main() {}
