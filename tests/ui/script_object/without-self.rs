use admin_runtime::script::script_object;

struct Metadata;

#[script_object]
impl Metadata {
    fn new() -> Self {
        Self
    }
}

fn main() {}
