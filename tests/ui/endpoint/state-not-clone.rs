use admin_runtime::{State, admin_endpoint};

struct Engine;

#[admin_endpoint(path = "/stats")]
fn stats(_engine: State<Engine>) -> String {
    String::new()
}

fn main() {}
