use admin_runtime::script::script_object;

struct Metadata;

#[script_object(nane = "Meta")]
impl Metadata {
    fn rank(&self) -> u32 {
        0
    }
}

fn main() {}
