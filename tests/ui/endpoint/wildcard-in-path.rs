use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/files/*")]
fn files() -> String {
    String::new()
}

fn main() {}
