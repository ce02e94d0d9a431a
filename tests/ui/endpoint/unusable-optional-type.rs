use admin_runtime::admin_endpoint;

struct Tier;

#[admin_endpoint(path = "/cache")]
fn size(tier: Option<Tier>) -> String {
    let _ = tier;
    String::new()
}

fn main() {}
