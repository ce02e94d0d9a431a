use admin_runtime::health_check;

struct Code(i32);

#[health_check]
fn database() -> Result<(), Code> {
    Err(Code(7))
}

fn main() {}
