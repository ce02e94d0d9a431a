use admin_runtime::admin_endpoint;

enum Tier {
    Hot,
}

#[admin_endpoint(path = "/tier/{tier}")]
fn tier(tier: Tier) -> String {
    let _ = tier;
    String::new()
}

fn main() {}
