use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
fn stats(tier: Teir) -> String {
    format!("{tier:?}")
}

fn main() {}
