use admin_runtime::periodic;

#[periodic]
fn heartbeat() -> ! {
    loop {}
}

fn main() {}
