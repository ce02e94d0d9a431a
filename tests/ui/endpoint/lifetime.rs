use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
fn stats<'a>(name: &'a str) -> String {
    name.to_owned()
}

fn main() {}
