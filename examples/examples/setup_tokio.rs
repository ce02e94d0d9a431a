//! The common routes in an application with an `EnvFilter`, a metrics exporter and a runtime.
//!
//! `cargo run --example setup_tokio`, then run what it prints.

#![expect(clippy::print_stdout, reason = "it prints a command to try")]

use std::error::Error;

use admin_endpoints::env::EnvConfig;
use admin_endpoints::loglevel::LogLevels;
use admin_endpoints::metrics::{MetricsConfig, Recorder};
use admin_runtime::AdminServer;
use metrics_exporter_prometheus::PrometheusBuilder;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::prelude::*;

admin_runtime::link!(admin_endpoints); // and each crate with endpoints
admin_runtime::build_info!(); // for /build

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    admin_endpoints::script::init(); // for /run_script

    // /loglevel changes `levels`. The EnvFilter is for one layer only: as a filter of the whole
    // registry it would hide what a new level enables.
    let levels = LogLevels::from_spec("info")?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_filter(EnvFilter::new("trace,hyper=warn"));
    tracing_subscriber::registry()
        .with(levels.filter())
        .with(lines)
        .init();
    levels.install()?;

    // The exporter stays; /metrics shows what it has recorded.
    let exporter = PrometheusBuilder::new().install_recorder()?;
    let recorder = Recorder::builder().source(exporter).build()?;

    let address = std::env::args().nth(1);
    let admin = AdminServer::builder()
        .bind(address.as_deref().unwrap_or("127.0.0.1:7000"))
        .config(MetricsConfig::new(recorder))
        .config(EnvConfig::new().show("PUBLIC_TOKEN")) // not masked in /env
        .start()?;
    println!("curl http://{}/", admin.local_addr());
    std::future::pending::<()>().await; // your program
    Ok(())
}
