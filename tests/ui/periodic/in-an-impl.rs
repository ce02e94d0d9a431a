use admin_runtime::periodic;

struct Peer;

impl Peer {
    #[periodic]
    fn heartbeat() {}
}

fn main() {}
