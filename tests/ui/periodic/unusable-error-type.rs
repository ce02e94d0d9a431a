use admin_runtime::periodic;

#[periodic]
fn heartbeat() -> Result<(), u32> {
    Err(7)
}

fn main() {}
