use admin_runtime::{Upload, admin_endpoint};

#[admin_endpoint(method = "DELETE", path = "/stats")]
fn stats(script: Option<Upload>) -> String {
    format!("{}", script.is_some())
}

fn main() {}
