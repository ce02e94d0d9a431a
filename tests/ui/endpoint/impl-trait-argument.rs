use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats")]
fn stats(name: impl ToString) -> String {
    name.to_string()
}

fn main() {}
