use admin_runtime::script::script_object;

struct Metadata;

#[script_object]
impl Metadata {
    #[attribute]
    fn rank(&self, of: u32) -> u32 {
        of
    }
}

fn main() {}
