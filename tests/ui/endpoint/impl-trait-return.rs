use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
fn stats() -> impl ToString {
    String::new()
}

fn main() {}
