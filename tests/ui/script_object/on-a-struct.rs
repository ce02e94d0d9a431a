use admin_runtime::script::script_object;

#[script_object]
struct Metadata;

fn main() {}
