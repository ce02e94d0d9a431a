use admin_runtime::{State, admin_endpoint};

use std::rc::Rc;

#[admin_endpoint(path = "/stats")]
async fn stats(engine: State<u64>) -> String {
    let held = Rc::new(*engine);
    std::future::ready(()).await;
    held.to_string()
}

fn main() {}
