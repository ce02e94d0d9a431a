use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
unsafe fn stats() -> String {
    String::new()
}

fn main() {}
