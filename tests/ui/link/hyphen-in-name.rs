admin_runtime::link!(admin-endpoints);

fn main() {}
