use admin_runtime::admin_endpoint;

struct Pair(u8, u8);

#[admin_endpoint(path = "/stats")]
fn stats(Pair(low, high): Pair) -> String {
    format!("{low}-{high}")
}

fn main() {}
