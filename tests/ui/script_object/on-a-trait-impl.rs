use admin_runtime::script::script_object;

struct Metadata;

#[script_object]
impl Clone for Metadata {
    fn clone(&self) -> Self {
        Self
    }
}

fn main() {}
