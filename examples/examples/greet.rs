//! The smallest program: one endpoint. `cargo run --example greet`, then run what it prints.

#![expect(clippy::print_stdout, reason = "it prints a command to try")]

use admin_runtime::{AdminServer, Json, StartError, admin_endpoint};

/// Greet by name.
#[admin_endpoint(path = "/greet/{name}")]
async fn greet(name: String, times: Option<usize>, shout: Option<bool>) -> Json<Vec<String>> {
    let name = if shout.unwrap_or(false) {
        name.to_uppercase()
    } else {
        name
    };
    Json(vec![name; times.unwrap_or(1).min(9)])
}

fn main() -> Result<(), StartError> {
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:7000");
    let admin = AdminServer::builder().bind(address).start()?;
    let address = admin.local_addr();
    println!("curl 'http://{address}/greet/ada?times=2&shout=true'");
    loop {
        std::thread::park(); // the work of your program
    }
}
