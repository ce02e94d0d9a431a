#[admin_endpoint(path = "/ping", runtime = "admin", crate = "crate::admin")]
async fn ping() {}
