use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
fn stats(name: &str) -> String {
    name.to_owned()
}

fn main() {}
