//! Periodic threads: registered with one attribute, started and watched by the server.
//!
//! ```standalone_crate
//! use admin_runtime::{PeriodicError, RunSummary, State, periodic};
//! use std::sync::{Arc, Mutex};
//!
//! type Blocks = Arc<Mutex<Vec<u64>>>;
//!
//! /// Drops the blocks that nobody has asked for.
//! #[periodic(level = "high", interval = "30s", jitter = "2s")]
//! fn evictor(blocks: State<Blocks>) -> Result<RunSummary, PeriodicError> {
//!     let mut blocks = blocks.lock().map_err(|_| PeriodicError::irrecoverable("the cache is broken"))?;
//!     let before = blocks.len();
//!     blocks.truncate(1000);
//!     Ok(RunSummary::new("evicted").with("blocks", before - blocks.len()))
//! }
//! # fn main() {}
//! ```
//!
//! # Where it runs
//! A `fn` runs on an OS thread that bears the full name, an `async fn` on the runtime for users'
//! code, never on the one that answers requests. Runs of one thread never overlap. A panic is a
//! failed run; the thread goes on (unless the program is built with `panic = "abort"`). An
//! [irrecoverable](PeriodicError::irrecoverable) error ends the loop.
//!
//! # Health
//! [`PeriodicState`] is the worst of `dead`, `stuck`, `failing` and `overdue`, else the step of the
//! life cycle `starting`, `waiting`, `running`, `paused`, `stopping`, `stopped`. A server is healthy
//! while every critical and high thread is active, that is starting, waiting or running. The
//! monotonic clock decides; the wall clock is only shown.
//!
//! # Metrics
//! Through the `metrics` facade, labelled `name` and `level`, and `server` where the server has a
//! name: `periodic_thread_runs_total`, `periodic_thread_failures_total`,
//! `periodic_thread_overruns_total`, `periodic_thread_last_run_timestamp_seconds`,
//! `periodic_thread_duration_seconds`, `periodic_thread_active`.

#[cfg(test)]
mod tests;

// What is said before it runs.
mod argument;
mod descriptor;
mod level;
mod outcome;
mod problems;
mod settings;

// Core: no clock, no threads.
mod health;
mod history;
mod life;
mod schedule;
mod snapshot;
mod utc;
mod wire;

// Shell: threads and time.
mod clock;
mod driver;
mod live;
mod meters;
mod report;
mod set;
mod thread;
mod watch;

// Handles.
mod builder;
mod error;
mod extract;
mod handle;
mod threads;

pub use self::argument::{PeriodicArgument, PeriodicBinding, RunContext};
pub use self::builder::{OwnedPeriodicThread, PeriodicThreadBuilder};
pub use self::descriptor::{AsyncRun, PeriodicBody, PeriodicDescriptor, RunFuture, SyncRun};
pub use self::error::{NotRunning, PeriodicStartError, StillRunning};
pub use self::handle::PeriodicThread;
pub use self::health::PeriodicState;
pub use self::history::RunRecord;
pub use self::level::Level;
pub use self::outcome::{
    IntoPeriodicError, PeriodicError, RunOutcome, RunSummary, Settler, error_via,
};
pub use self::settings::{PeriodicSettings, Schedule};
pub use self::snapshot::{
    ByLevel, Filter, Health, LevelCount, Overview, Summary, ThreadStatus, Unhealthy,
};
pub use self::threads::{PeriodicThreads, RunningPeriodicThreads};

pub(crate) use self::problems::problems;
