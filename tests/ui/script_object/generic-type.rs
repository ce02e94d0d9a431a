use admin_runtime::script::script_object;

struct Cache<T>(T);

#[script_object]
impl<T> Cache<T> {
    fn size(&self) -> u32 {
        0
    }
}

fn main() {}
