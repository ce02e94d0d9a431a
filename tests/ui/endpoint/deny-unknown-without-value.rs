use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", deny_unknown)]
fn stats() -> String {
    String::new()
}

fn main() {}
