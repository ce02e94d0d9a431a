//! Everything that the common routes need, in one `main`.
//!
//! `cargo run --example setup`, then run what it prints.

#![expect(clippy::print_stdout, reason = "it prints a command to try")]

use std::error::Error;

use admin_endpoints::loglevel::LogLevels;
use admin_runtime::AdminServer;
use tracing_subscriber::prelude::*;

admin_runtime::link!(admin_endpoints); // and each crate with endpoints
admin_runtime::build_info!(); // for /build

fn main() -> Result<(), Box<dyn Error>> {
    admin_endpoints::script::init(); // for /run_script

    let levels = LogLevels::from_spec("info")?; // for /loglevel
    tracing_subscriber::registry()
        .with(levels.filter())
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .init();
    levels.install()?;

    admin_endpoints::metrics::install()?; // for /metrics, before the first metric is recorded

    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:7000");
    let admin = AdminServer::builder().bind(address).start()?;
    println!("curl http://{}/", admin.local_addr());
    loop {
        std::thread::park(); // your program
    }
}
