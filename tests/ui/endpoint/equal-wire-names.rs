use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
fn stats(a: String, #[param(name = "a")] b: String) -> String {
    a + &b
}

fn main() {}
