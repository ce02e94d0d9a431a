use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
fn stats(name: Option<&str>) -> String {
    name.unwrap_or("").to_owned()
}

fn main() {}
