use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
struct Stats;

fn main() {}
