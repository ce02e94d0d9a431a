use admin_runtime::admin_endpoint;

struct Tier;

#[admin_endpoint(path = "/cache/{tier}")]
fn size(tier: Tier) -> String {
    let _ = tier;
    String::new()
}

fn main() {}
