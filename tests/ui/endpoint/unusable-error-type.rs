use admin_runtime::admin_endpoint;

struct Broken;

#[admin_endpoint(path = "/stats")]
fn stats() -> Result<String, Broken> {
    Err(Broken)
}

fn main() {}
