use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
fn stats(_: String) -> String {
    String::new()
}

fn main() {}
