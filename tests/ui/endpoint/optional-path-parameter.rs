use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/cache/{tier}")]
fn size(tier: Option<String>) -> String {
    tier.unwrap_or_default()
}

fn main() {}
