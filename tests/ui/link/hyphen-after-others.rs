admin_runtime::link!(optional admin_endpoints, my-crate-name);

fn main() {}
