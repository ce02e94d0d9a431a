//! worker: one of the processes that cache blocks.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod endpoints;
mod scheduler;

use std::sync::Arc;

use admin_examples::{CommonOptions, Failure, Termination};
use cache_engine::{Engine, EngineConfig, Metadata};
use clap::{Parser, ValueEnum, value_parser};
use serde::Serialize;

use scheduler::{Scheduler, SchedulerUrl};

admin_runtime::link!(admin_endpoints, cache_engine);
admin_runtime::build_info!();

/// The port of the first worker.
const FIRST_PORT: u16 = 7000;

/// One of the processes that cache blocks
#[derive(Parser, Clone, Debug, Serialize)]
#[command(version)]
struct Options {
    /// Which worker this is, from 0; it listens on port 7000 + INDEX unless --port is given
    #[arg(
        long,
        default_value_t = 0,
        value_parser = value_parser!(u16).range(..=i64::from(u16::MAX - FIRST_PORT)),
    )]
    index: u16,

    /// Make a periodic thread fail, to try out /periodic-threads-health, which becomes unhealthy after
    /// three failures in a row, about 20 seconds
    #[arg(long = "break", value_name = "THREAD")]
    #[serde(rename = "break")]
    broken: Option<Breakable>,

    /// Ready only while this scheduler answers `/livez` with a 2xx: http://127.0.0.1:6999. One that
    /// requires a token needs `--public /livez`
    #[arg(long, value_name = "URL", value_parser = SchedulerUrl::parse)]
    scheduler: Option<SchedulerUrl>,

    #[command(flatten)]
    #[serde(flatten)]
    common: CommonOptions,
}

/// The values of `--break`.
#[derive(Clone, Copy, Debug, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
enum Breakable {
    Heartbeat,
}

fn main() -> Result<(), Failure> {
    admin_endpoints::script::init();
    let options = Options::parse();
    let Options {
        index,
        broken,
        scheduler,
        common,
    } = &options;
    let _log = common.start_telemetry()?;
    let termination = Termination::catch()?;

    let metadata = Metadata {
        rank: u32::from(*index),
        // The workers before it exist.
        world_size: u32::from(*index) + 1,
        ..Metadata::default()
    };
    let engine = Arc::new(Engine::new(EngineConfig {
        metadata,
        ..EngineConfig::default()
    })?);
    if let Some(Breakable::Heartbeat) = broken {
        engine.pulse().break_it();
    }
    let _load = common.start_load(&engine)?;
    let admin = common
        .admin(FIRST_PORT + index, engine)
        .state(Scheduler::new(scheduler.as_ref()))
        .show_config("options", options.clone())
        .start()?;
    let _announcement = common.announce("worker", &admin)?;

    termination.wait();
    common.drain(&admin);
    Ok(())
}
