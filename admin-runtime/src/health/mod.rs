//! Health checks: registered with one attribute, run in the background by the server, asked by
//! probes.
//!
//! ```standalone_crate
//! use admin_runtime::{State, health_check};
//! use std::sync::Arc;
//!
//! struct Pool;
//!
//! impl Pool {
//!     async fn ping(&self) -> std::io::Result<()> {
//!         Ok(())
//!     }
//! }
//!
//! /// The database answers.
//! #[health_check(interval = "5s", timeout = "500ms")]
//! async fn database(pool: State<Arc<Pool>>) -> std::io::Result<()> {
//!     pool.ping().await
//! }
//! # fn main() {}
//! ```
//!
//! # Where it runs
//!
//! An `async fn` runs on a runtime of the server, and is dropped at its timeout: a ready check on the
//! user runtime, a live check on one with a single thread, which runs nothing else. A `fn` runs on one
//! of at most eight threads that the checks of a server share, and is not interrupted; up to two of them
//! are for live checks. So a ready check that hangs delays no live check. Runs of one check never
//! overlap, and a probe never waits for one: it reads the last result.
//!
//! # When it is healthy
//!
//! As its last run ended. A run that takes longer than `timeout` fails while it runs (`timed out after
//! 1s`), a run that cannot begin for as long fails too (`no thread was free within 1s`), and a panic
//! is a failed run. Before its first result a ready check fails (`has not run yet`) and a live check
//! is ok. Once the checks are stopped, a ready check fails (`has been stopped`), and a live check stays
//! as it was.
//!
//! # Metrics
//!
//! [`HealthChecks::record_metrics`] sets `health_check_healthy`, labelled `name` and `kind`, and `server` if
//! the server has a name. `GET /metrics` of `admin-endpoints` calls it before each scrape.

#[cfg(test)]
mod tests;

// Core: no clock, no threads.
pub(crate) mod descriptor;
mod kind;
mod outcome;
mod problems;
mod record;
mod report;

// Shell: threads and time.
mod check;
mod error;
mod log;
mod metrics;
mod places;
mod pool;
mod set;
mod shared;

// Handles and registrations.
mod checks;
mod extract;

pub use self::checks::{HealthChecks, RunningHealthChecks};
pub use self::error::HealthStartError;
pub use self::kind::CheckKind;
pub use self::outcome::CheckOutcome;
pub use self::report::{CheckReport, CheckStatus};

pub(crate) use self::places::CheckRuntimes;
pub(crate) use self::problems::problems;
