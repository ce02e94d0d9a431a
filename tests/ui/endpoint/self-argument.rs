use admin_runtime::admin_endpoint;

struct Engine;

impl Engine {
    #[admin_endpoint(path = "/stats")]
    fn stats(&self) -> String {
        String::new()
    }
}

fn main() {}
