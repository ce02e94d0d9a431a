use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/cache/{teir}")]
fn size(tier: String) -> String {
    tier
}

fn main() {}
