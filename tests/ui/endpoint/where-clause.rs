use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
fn stats() -> String
where
    String: Clone,
{
    String::new()
}

fn main() {}
