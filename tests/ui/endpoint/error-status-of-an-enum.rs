use admin_runtime::{StatusCode, error_status};

enum OrderError {
    NotFound,
}

error_status!(OrderError, |error| match error {
    OrderError::NotFound => StatusCode::NOT_FOUND,
});

fn main() {}
