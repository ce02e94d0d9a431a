use admin_runtime::script::script_object;

struct Metadata;
struct Config;

#[script_object]
impl Metadata {
    #[attribute]
    fn config(&self) -> Config {
        Config
    }
}

fn main() {}
