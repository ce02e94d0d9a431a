use admin_runtime::periodic;

#[periodic]
fn heartbeat(peer: String) {
    drop(peer);
}

fn main() {}
