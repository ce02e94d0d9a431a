//! What a run can take its arguments from.

use std::sync::{Arc, Weak};

use super::handle::{PeriodicThread, WeakPeriodicThread};
use crate::server_state::ServerState;

/// What a run's arguments are made from: state and settings of the server, and the thread itself.
/// An implementation of [`FromRunContext`](super::FromRunContext) reads it.
///
/// ```standalone_crate
/// use admin_runtime::periodic::{FromRunContext, RunContext};
/// # use admin_runtime::{AdminServer, periodic};
/// use admin_runtime::{PeriodicError, RunSummary};
/// # use std::time::Duration;
///
/// /// Facts about a run and its server.
/// struct Known(String);
///
/// impl FromRunContext for Known {
///     fn from_run_context(context: &RunContext) -> Result<Self, PeriodicError> {
///         let thread = context.thread().ok_or_else(|| PeriodicError::new("no thread"))?;
///         let (state, config) = (context.state::<u8>(), context.config::<u16>());
///         Ok(Self(format!("{}: {state:?}, {config:?}", thread.name())))
///     }
/// }
///
/// #[periodic]
/// fn sampler(known: Known) -> RunSummary {
///     RunSummary::new(known.0)
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().state(3_u8).build()?;
/// # let running = server.periodic_threads().start()?;
/// # let sampler = running.threads().get("sampler").ok_or("not linked")?;
/// # assert!(sampler.wait_until(Duration::from_secs(20), |status| status.total_runs == 1));
/// assert_eq!(sampler.recent_runs()[0].message, "sampler: Some(3), None");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RunContext {
    pub(super) server: Arc<ServerState>,
    pub(super) thread: WeakPeriodicThread,
}

impl RunContext {
    /// The context of a health check.
    pub(crate) fn without_thread(server: Arc<ServerState>) -> Self {
        Self {
            server,
            thread: WeakPeriodicThread {
                thread: Weak::new(),
                set: Weak::new(),
            },
        }
    }

    /// The value given to `builder().state(..)`, if there is one of this type.
    #[must_use]
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.server.state()
    }

    /// The value given to `builder().config(..)`, if there is one of this type.
    #[must_use]
    pub fn config<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.server.config()
    }

    /// The thread of the run; `None` after it has left its server, and in a health check.
    #[must_use]
    pub fn thread(&self) -> Option<PeriodicThread> {
        self.thread.upgrade()
    }
}
