use std::rc::Rc;

use admin_runtime::health_check;

#[health_check]
async fn database() {
    let tries = Rc::new(3);
    std::future::ready(()).await;
    drop(tries);
}

fn main() {}
