use admin_runtime::script::script_object;

struct Metadata;
struct Tier;

#[script_object]
impl Metadata {
    fn size(&self, tier: Tier) -> u32 {
        let _ = tier;
        0
    }
}

fn main() {}
