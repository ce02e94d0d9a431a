use admin_runtime::periodic;

#[periodic]
fn heartbeat(#[param(name = "x")] peer: admin_runtime::State<String>) {
    drop(peer);
}

fn main() {}
