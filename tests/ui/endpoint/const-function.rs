use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
const fn stats() -> String {
    String::new()
}

fn main() {}
