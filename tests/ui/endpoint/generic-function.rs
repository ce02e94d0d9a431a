use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
fn stats<T: ToString>(value: T) -> String {
    value.to_string()
}

fn main() {}
