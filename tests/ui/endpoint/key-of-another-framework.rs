use admin_runtime::admin_endpoint;

#[admin_endpoint(route = "/stats", content_type = "text/csv")]
fn stats() -> String {
    String::new()
}

fn main() {}
