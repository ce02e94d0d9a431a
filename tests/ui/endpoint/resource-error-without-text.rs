use admin_runtime::admin_endpoint;
use admin_runtime::describe::ResourceContext;

#[admin_endpoint(path = "/stats", resource = "open")]
async fn stats() -> String {
    String::new()
}

fn open(_: &ResourceContext<'_>) -> Result<(), u8> {
    Err(7)
}

fn main() {}
