use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/cache/tier-{tier}")]
fn size(tier: String) -> String {
    tier
}

fn main() {}
