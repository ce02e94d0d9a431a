//! Periodic threads: registered with one attribute, started and supervised by the server.
//!
//! ```standalone_crate
//! use admin_runtime::{PeriodicError, RunSummary, State, periodic};
//! use std::sync::{Arc, Mutex};
//!
//! type Blocks = Arc<Mutex<Vec<u64>>>;
//!
//! /// Drops the blocks that were not requested recently.
//! #[periodic(level = "high", interval = "30s", jitter = "2s")]
//! fn evictor(blocks: State<Blocks>) -> Result<RunSummary, PeriodicError> {
//!     let mut blocks = blocks.lock().map_err(|_| PeriodicError::fatal("the cache is broken"))?;
//!     let before = blocks.len();
//!     blocks.truncate(1000);
//!     Ok(RunSummary::new("evicted").with("blocks", before - blocks.len()))
//! }
//! # fn main() {}
//! ```
//!
//! # Where it runs
//!
//! A `fn` runs on an OS thread with the full name, an `async fn` on the user runtime,
//! not on the one that answers requests. Runs of one thread never overlap. A panic is a failed run
//! and the thread continues, unless the program is built with `panic = "abort"`. A
//! [fatal](PeriodicError::fatal) error ends the loop.
//!
//! # Health
//!
//! [`ThreadState`] is the worst of `dead`, `stuck`, `failing` and `overdue`, otherwise the step of
//! the life cycle: `starting`, `waiting`, `running`, `paused`, `stopping`, `stopped`. A server is
//! healthy while every critical and high thread is active, that is starting, waiting or running.
//! Between its runs a paused thread is `paused`, whatever was wrong with it before.
//! The monotonic clock decides; the wall clock is only shown.
//!
//! # Metrics
//!
//! Through the `metrics` facade, labelled `name` and `level`, and `server` if the server has a
//! name: `periodic_thread_runs_total`, `periodic_thread_failures_total`,
//! `periodic_thread_overruns_total`, `periodic_thread_last_run_timestamp_seconds`,
//! `periodic_thread_duration_seconds`, `periodic_thread_active`, and `periodic_thread_fault` with one series
//! for each `fault`: `overdue`, `failing`, `stuck`, `dead`.

#[cfg(test)]
mod tests;

// Core: no clock, no threads.
mod criticality;
mod health;
mod history;
pub(crate) mod identity;
pub(crate) mod life;
pub(crate) mod outcome;
mod overview;
mod run_error;
mod run_summary;
pub(crate) mod schedule;
mod settings;
mod state;
mod status;
mod wire;

// Shell: threads and time.
mod body;
mod driver;
mod error;
mod log;
mod metrics;
mod name_claim;
pub(crate) mod run;
mod set;
mod thread;
pub(crate) mod timeline;
mod watchdog;

// Handles and registrations.
pub(crate) mod argument;
mod builder;
mod context;
pub(crate) mod descriptor;
mod extract;
mod handle;
mod problems;
mod threads;

pub use self::argument::FromRunContext;
pub use self::builder::{OwnedThread, ThreadBuilder};
pub use self::context::RunContext;
pub use self::criticality::Criticality;
pub use self::error::{NotRunning, PeriodicStartError, StillRunning};
pub use self::handle::PeriodicThread;
pub use self::history::RunRecord;
pub use self::outcome::{IntoPeriodicError, RunOutcome};
pub use self::overview::{
    CountsByCriticality, Health, Overview, Summary, ThreadCounts, UnhealthyThread,
};
pub use self::run_error::PeriodicError;
pub use self::run_summary::RunSummary;
pub use self::settings::{Schedule, Settings};
pub use self::state::ThreadState;
pub use self::status::{Filter, ThreadStatus};
pub use self::threads::{PeriodicThreads, RunningThreads};

pub(crate) use self::problems::problems;
