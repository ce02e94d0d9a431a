use admin_runtime::{Json, admin_endpoint};

struct Stats;

#[admin_endpoint(path = "/stats")]
fn stats() -> Json<Stats> {
    Json(Stats)
}

fn main() {}
