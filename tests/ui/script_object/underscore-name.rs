use admin_runtime::script::script_object;

struct Metadata;

#[script_object]
impl Metadata {
    fn _rank(&self) -> u32 {
        0
    }
}

fn main() {}
