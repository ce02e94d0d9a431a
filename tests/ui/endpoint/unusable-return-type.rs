use admin_runtime::admin_endpoint;

struct Stats;

#[admin_endpoint(path = "/stats")]
fn stats() -> Stats {
    Stats
}

fn main() {}
