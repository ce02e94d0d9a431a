use admin_runtime::periodic;

#[periodic]
fn heartbeat() -> u32 {
    7
}

fn main() {}
