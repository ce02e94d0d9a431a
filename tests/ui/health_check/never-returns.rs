use admin_runtime::health_check;

#[health_check]
fn database() -> ! {
    loop {}
}

fn main() {}
