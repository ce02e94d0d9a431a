use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
extern "C" fn stats() -> u64 {
    0
}

fn main() {}
