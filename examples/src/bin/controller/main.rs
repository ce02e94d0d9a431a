//! controller: queries the health of all workers.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod checks;
mod endpoints;
mod fleet;

use std::net::SocketAddr;
use std::sync::Arc;

use admin_examples::{CommonOptions, Failure, Termination};
use cache_engine::{Engine, EngineConfig};
use clap::Parser;

use fleet::{Fleet, TooMany};

admin_runtime::link!(admin_endpoints, cache_engine);

/// Queries the health of all workers
#[derive(Parser, Debug)]
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
    common: CommonOptions,
}

fn main() -> Result<(), Failure> {
    admin_endpoints::script::init();
    let Options { workers, common } = Options::parse();
    let _log = common.start_telemetry()?;
    let termination = Termination::catch()?;

    let too_many = |error: TooMany| Failure::Other(error.into());
    let fleet = Arc::new(Fleet::new(workers, common.secret()?).map_err(too_many)?);
    let engine = Arc::new(Engine::new(EngineConfig::default())?);
    let _load = common.start_load(&engine)?;
    let admin = common.admin(9000, engine)?.state(fleet).start()?;

    termination.wait();
    common.drain(&admin);
    Ok(())
}
