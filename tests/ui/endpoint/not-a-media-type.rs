use admin_runtime::{Response, admin_endpoint};

#[admin_endpoint(path = "/report", produces = "text/csv, json")]
fn report() -> Response {
    Response::text("a,b")
}

fn main() {}
