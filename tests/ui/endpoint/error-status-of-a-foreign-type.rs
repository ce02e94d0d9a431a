use admin_runtime::{StatusCode, error_status};

error_status!(std::io::Error, |_| StatusCode::NOT_FOUND);

fn main() {}
