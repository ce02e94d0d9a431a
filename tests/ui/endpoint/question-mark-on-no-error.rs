use admin_runtime::{AdminError, admin_endpoint};

struct OrderError;

fn load() -> Result<String, OrderError> {
    Err(OrderError)
}

#[admin_endpoint(path = "/order")]
fn order() -> Result<String, AdminError> {
    Ok(load()?)
}

fn main() {}
