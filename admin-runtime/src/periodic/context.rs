//! What a run can take its arguments from.

use std::sync::Arc;

use super::handle::WeakPeriodicThread;
use crate::server_state::ServerState;

/// The sources of a run's arguments: state and settings of the server, and the thread itself. Each
/// argument type takes its part of it.
///
/// ```standalone_crate
/// use admin_runtime::periodic::{FromRunContext, RunContext};
/// use admin_runtime::{PeriodicError, PeriodicThread};
/// # use admin_runtime::{RunSummary, periodic};
/// # use std::time::Duration;
///
/// /// The number of this run, from 1.
/// struct Number(u64);
///
/// impl FromRunContext for Number {
///     fn from_run_context(context: &RunContext) -> Result<Self, PeriodicError> {
///         Ok(Self(PeriodicThread::from_run_context(context)?.status().total_runs + 1))
///     }
/// }
///
/// #[periodic]
/// fn sampler(number: Number) -> RunSummary {
///     RunSummary::new(format!("sample {}", number.0))
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = admin_runtime::AdminServer::builder().build()?;
/// # let running = server.periodic_threads().start()?;
/// # let sampler = running.threads().get("sampler").ok_or("not linked")?;
/// # assert!(sampler.wait_until(Duration::from_secs(20), |status| status.total_runs == 1));
/// assert_eq!(sampler.recent_runs()[0].message, "sample 1");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RunContext {
    pub(super) server: Arc<ServerState>,
    pub(super) thread: WeakPeriodicThread,
}
