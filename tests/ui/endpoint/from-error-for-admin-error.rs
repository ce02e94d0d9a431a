use admin_runtime::{AdminError, admin_endpoint};

#[derive(Debug, thiserror::Error)]
#[error("No order")]
struct OrderError;

impl From<OrderError> for AdminError {
    fn from(_: OrderError) -> Self {
        Self::not_found("No order")
    }
}

#[admin_endpoint(path = "/order")]
fn order() -> Result<(), OrderError> {
    Err(OrderError)
}

fn main() {}
