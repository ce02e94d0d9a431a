use admin_runtime::script::script_object;

struct Metadata;

#[script_object]
impl Metadata {
    async fn rank(&self) -> u32 {
        0
    }
}

fn main() {}
