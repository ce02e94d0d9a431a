use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
fn stats(#[param] name: String) -> String {
    name
}

fn main() {}
