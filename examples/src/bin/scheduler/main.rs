//! scheduler: a bounded queue of requests for blocks, and the thread that serves it.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod dispatcher;
mod endpoints;
mod queue;

use std::num::NonZeroU32;
use std::sync::Arc;

use admin_examples::{CommonOptions, Failure, Termination};
use cache_engine::{Engine, EngineConfig};
use clap::Parser;
use serde::Serialize;

use dispatcher::Dispatcher;
use queue::Queue;

admin_runtime::link!(admin_endpoints, cache_engine);
admin_runtime::build_info!();

/// A bounded queue of requests for blocks
#[derive(Parser, Clone, Debug, Serialize)]
#[command(version)]
struct Options {
    /// Requests that may wait; more are refused
    #[arg(long, default_value_t = 1024)]
    queue: u32,

    /// Requests that are served in a second, at most
    #[arg(long, value_name = "PER_SECOND", default_value = "20")]
    serve: NonZeroU32,

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

    let engine = Arc::new(Engine::new(EngineConfig::default())?);
    let queue = Arc::new(Queue::new(options.queue));
    let _load = common.start_load(&engine)?;
    let _dispatcher = Dispatcher::start(&queue, &engine, options.serve)?;
    let admin = common
        .admin(6999, engine)
        .state(queue)
        .show_config("options", options.clone())
        .start()?;
    let _announcement = common.announce("scheduler", &admin)?;

    termination.wait();
    common.drain(&admin);
    Ok(())
}
