//! controller: queries the health of all workers, and keeps the directory of instances.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod checks;
mod directory;
mod endpoints;
mod fleet;

use std::net::SocketAddr;
use std::sync::Arc;

use admin_examples::{CommonOptions, Failure, Termination};
use cache_engine::{Engine, EngineConfig};
use clap::Parser;
use serde::Serialize;

use directory::DirectoryOptions;
use fleet::{Fleet, TooMany};

admin_runtime::link!(admin_endpoints, cache_engine);
admin_runtime::build_info!();

/// Queries the health of all workers, and keeps the directory of instances
#[derive(Parser, Clone, Debug, Serialize)]
#[command(version)]
struct Options {
    /// A worker's admin address; give it once for each worker. They are queried with the token that
    /// this controller requires itself
    #[arg(
        long = "worker",
        value_name = "IP:PORT",
        default_value = "127.0.0.1:7000"
    )]
    workers: Vec<SocketAddr>,

    #[command(flatten)]
    #[serde(flatten)]
    directory: DirectoryOptions,

    #[command(flatten)]
    #[serde(flatten)]
    common: CommonOptions,
}

fn main() -> Result<(), Failure> {
    admin_endpoints::script::init();
    let options = Options::parse();
    let common = &options.common;
    let _log = common.start_telemetry()?;
    let termination = Termination::catch()?;

    let too_many = |error: TooMany| Failure::Other(error.into());
    let fleet = Arc::new(Fleet::new(options.workers.clone(), common.secret()?).map_err(too_many)?);
    let invalid_range = |error| Failure::Other(format!("--allow-instances: {error}").into());
    let directory = options.directory.config().map_err(invalid_range)?;
    let engine = Arc::new(Engine::new(EngineConfig::default())?);
    let _load = common.start_load(&engine)?;
    let admin = common
        .admin(9000, engine)
        .state(fleet)
        .config(directory)
        .show_config("options", options.clone())
        .start()?;
    let _announcement = common.announce("controller", &admin)?;

    termination.wait();
    common.drain(&admin);
    Ok(())
}
