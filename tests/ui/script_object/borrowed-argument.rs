use admin_runtime::script::script_object;

struct Metadata;

#[script_object]
impl Metadata {
    fn tier(&self, name: &str) -> u32 {
        name.len() as u32
    }
}

fn main() {}
