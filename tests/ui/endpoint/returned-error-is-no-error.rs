use admin_runtime::admin_endpoint;

struct OrderError;

#[admin_endpoint(path = "/order")]
fn order() -> Result<(), OrderError> {
    Err(OrderError)
}

fn main() {}
