use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/cache/{tier}")]
fn size(#[param(default = "hot")] tier: String) -> String {
    tier
}

fn main() {}
