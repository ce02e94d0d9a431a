//! The handle to all periodic threads of a server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::builder::PeriodicThreadBuilder;
use super::clock::Clock;
use super::descriptor::PeriodicDescriptor;
use super::error::PeriodicStartError;
use super::handle::PeriodicThread;
use super::set::Set;
use super::snapshot::{Filter, Health, Overview, ThreadStatus};
use crate::server_state::ServerState;

/// The periodic threads of one server, sorted by name: those that are linked and those that were
/// built at run time. As an argument of an endpoint, those of the server that answers.
///
/// [`AdminServer::start`](crate::AdminServer::start) starts them. A server that is only mounted
/// or tested starts none; this handle can:
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, PeriodicError, PeriodicFilter, periodic};
///
/// /// Tells the scheduler that this worker is alive.
/// #[periodic(level = "critical")]
/// fn heartbeat() -> Result<(), PeriodicError> {
///     Ok(())
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let threads = server.periodic_threads();
/// assert!(!threads.health().healthy, "a critical thread does not run yet");
/// let running = threads.start()?;                     // stops them when dropped
/// let filter = server.filter();                       // to mount
/// assert!(threads.health().healthy);
/// assert_eq!(threads.overview(&PeriodicFilter::default()).summary.active_count, 1);
/// assert_eq!(threads.all().len(), 1);
/// assert!(threads.get("heartbeat").is_some());
/// # drop(filter);
/// # drop(running);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PeriodicThreads(pub(super) Arc<Set>);

impl PeriodicThreads {
    pub(crate) fn new(
        server: Option<String>,
        linked: &[PeriodicDescriptor],
        state: &Arc<ServerState>,
    ) -> Self {
        Self(Set::new(server, Clock::system(), linked, state))
    }

    /// Starts them all, with the state of this server. Async bodies run on the runtime that the
    /// caller is in.
    ///
    /// # Errors
    /// They run already; another server of the process runs its own and they have no different
    /// [`name`](crate::Builder::name); a body is async and there is no runtime; the system gives
    /// no thread. Then none runs.
    pub fn start(&self) -> Result<RunningPeriodicThreads, PeriodicStartError> {
        self.start_on(Handle::try_current().ok().as_ref(), DEFAULT_STOP)
    }

    pub(crate) fn start_on(
        &self,
        runtime: Option<&Handle>,
        stop_within: Duration,
    ) -> Result<RunningPeriodicThreads, PeriodicStartError> {
        self.0.start(runtime)?;
        Ok(RunningPeriodicThreads {
            threads: self.clone(),
            stop_within,
        })
    }

    /// One of them, by its exact name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<PeriodicThread> {
        self.0.get(name).map(PeriodicThread::new)
    }

    /// All of them, sorted by name.
    #[must_use]
    pub fn all(&self) -> Vec<PeriodicThread> {
        self.0
            .threads()
            .into_iter()
            .map(PeriodicThread::new)
            .collect()
    }

    /// Begins a thread that is known only at run time; see [`PeriodicThreadBuilder`].
    pub fn builder(&self, name: impl Into<String>) -> PeriodicThreadBuilder {
        PeriodicThreadBuilder::new(self.clone(), name.into())
    }

    /// What `GET /periodic-threads` shows.
    #[must_use]
    pub fn overview(&self, filter: &Filter) -> Overview {
        Overview::of(self.statuses(), filter)
    }

    /// What `GET /periodic-threads-health` shows.
    #[must_use]
    pub fn health(&self) -> Health {
        Health::of(self.statuses())
    }

    fn statuses(&self) -> impl Iterator<Item = ThreadStatus> {
        self.0
            .threads()
            .into_iter()
            .map(|thread| ThreadStatus::of(&thread, &thread.lock()))
    }
}

impl fmt::Debug for PeriodicThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all()).finish()
    }
}

/// How long a stop waits for runs that go on, unless a server's limits say otherwise.
const DEFAULT_STOP: Duration = Duration::from_secs(5);

/// Periodic threads that run; dropping it stops them, waiting up to 5 s for runs that go on.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, PeriodicState, periodic};
/// use std::time::Duration;
///
/// #[periodic]
/// fn heartbeat() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let mut running = server.periodic_threads().start()?;
/// running.stop_within(Duration::from_secs(20));
/// let heartbeat = running.threads().get("heartbeat").ok_or("not linked")?;
/// assert!(heartbeat.state().is_active());
/// drop(running);
/// assert_eq!(heartbeat.state(), PeriodicState::Stopped);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the periodic threads stop when this is dropped"]
pub struct RunningPeriodicThreads {
    threads: PeriodicThreads,
    stop_within: Duration,
}

impl RunningPeriodicThreads {
    /// How long dropping it waits for runs that go on.
    pub fn stop_within(&mut self, timeout: Duration) {
        self.stop_within = timeout;
    }

    /// The threads.
    #[must_use]
    pub fn threads(&self) -> &PeriodicThreads {
        &self.threads
    }
}

impl Drop for RunningPeriodicThreads {
    fn drop(&mut self) {
        for thread in self.threads.0.stop(self.stop_within) {
            tracing::warn!(%thread, "a periodic thread is still inside a run that will be its last");
        }
    }
}
