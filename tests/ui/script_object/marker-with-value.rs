use admin_runtime::script::script_object;

struct Metadata;

#[script_object]
impl Metadata {
    #[changes = "yes"]
    fn clear(&self) {}
}

fn main() {}
