use admin_runtime::script::script_object;

struct Metadata;

#[script_object]
impl Metadata {
    async fn rank(&self) -> u32 {
        0
    }

    fn clear(&mut self) {}

    fn pair(&self, (a, b): (u32, u32)) -> u32 {
        a + b
    }
}

fn main() {}
