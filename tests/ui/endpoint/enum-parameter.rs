use admin_runtime::admin_endpoint;

enum Tier {
    Hot,
}

#[admin_endpoint(path = "/tier")]
fn tier(tier: Tier, other: Option<Tier>) -> String {
    let _ = (tier, other);
    String::new()
}

fn main() {}
