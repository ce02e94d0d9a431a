//! The handle to all periodic threads of a server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::builder::ThreadBuilder;
use super::context::RunContext;
use super::criticality::Criticality;
use super::descriptor::PeriodicDescriptor;
use super::error::PeriodicStartError;
use super::handle::{PeriodicThread, WeakPeriodicThread};
use super::identity::ThreadIdentity;
use super::overview::{Health, Overview};
use super::set::ThreadSet;
use super::state::ThreadState;
use super::status::{Filter, ThreadStatus};
use crate::clock::Clock;
use crate::log_queue;
use crate::server_state::ServerState;
use crate::text::one_line;

/// The periodic threads of one server, linked or built at run time. As an argument of an endpoint,
/// those of the server that handles the request.
///
/// [`AdminServer::start`](crate::AdminServer::start) starts them. A server that is only mounted or
/// tested starts none; [`start`](Self::start) does:
///
/// ```standalone_crate
/// use admin_runtime::periodic::Filter;
/// use admin_runtime::{AdminServer, PeriodicError, periodic};
///
/// /// Reports to the scheduler that this worker is alive.
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
/// assert_eq!(threads.overview(&Filter::default()).summary.active_count, 1);
/// assert_eq!(threads.all().len(), 1);
/// assert!(threads.get("heartbeat").is_some());
/// # drop(filter);
/// # drop(running);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PeriodicThreads(Arc<ThreadSet>);

impl PeriodicThreads {
    pub(crate) fn new(
        server: Option<String>,
        linked: &[PeriodicDescriptor],
        state: &Arc<ServerState>,
    ) -> Self {
        let threads = Self::with_clock(server, Clock::system());
        for descriptor in linked {
            let context = |thread| RunContext {
                server: Arc::clone(state),
                thread,
            };
            threads.link(descriptor, context);
        }
        threads
    }

    pub(super) fn with_clock(server: Option<String>, clock: Clock) -> Self {
        Self(ThreadSet::new(server, clock))
    }

    /// Adds a linked thread. `build()` has checked that the names differ.
    fn link(
        &self,
        descriptor: &PeriodicDescriptor,
        context: impl FnOnce(WeakPeriodicThread) -> RunContext,
    ) {
        let Self(set) = self;
        let identity = ThreadIdentity {
            name: descriptor.name.into(),
            docs: descriptor.docs,
            settings: descriptor.settings,
            source: Some(descriptor.source),
        };
        let thread = set.new_thread(identity, |thread| {
            let set = Arc::downgrade(set);
            descriptor
                .body
                .bind(context(WeakPeriodicThread { thread, set }))
        });
        let inserted = set.insert(&thread);
        debug_assert!(inserted.is_ok(), "{inserted:?}");
    }

    /// Starts all threads. Async bodies run on the caller's tokio runtime.
    ///
    /// # Errors
    ///
    /// The threads are already running; another server of the process runs its threads and the two have no
    /// different [`name`](crate::Builder::name); a body is async and the caller has no runtime; or
    /// the system cannot create a thread. No thread runs then.
    pub fn start(&self) -> Result<RunningThreads, PeriodicStartError> {
        self.start_on(Handle::try_current().ok().as_ref(), DEFAULT_STOP_TIMEOUT)
    }

    pub(crate) fn start_on(
        &self,
        runtime: Option<&Handle>,
        graceful_shutdown_timeout: Duration,
    ) -> Result<RunningThreads, PeriodicStartError> {
        self.0.start(runtime)?;
        Ok(RunningThreads {
            threads: self.clone(),
            graceful_shutdown_timeout,
        })
    }

    /// The thread of exactly this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<PeriodicThread> {
        let thread = self.0.get(name)?;
        Some(PeriodicThread::new(thread, &self.0))
    }

    /// All threads, sorted by name.
    #[must_use]
    pub fn all(&self) -> Vec<PeriodicThread> {
        self.0
            .threads()
            .into_iter()
            .map(|thread| PeriodicThread::new(thread, &self.0))
            .collect()
    }

    /// Builds a thread at run time; see [`ThreadBuilder`].
    pub fn builder(&self, name: impl Into<String>) -> ThreadBuilder {
        ThreadBuilder::new(Arc::clone(&self.0), name.into())
    }

    /// The reply of `GET /periodic-threads`.
    #[must_use]
    pub fn overview(&self, filter: &Filter) -> Overview {
        Overview::new(self.statuses(), filter)
    }

    /// The reply of `GET /periodic-threads-health`.
    #[must_use]
    pub fn health(&self) -> Health {
        Health::new(self.statuses(), self.0.was_started())
    }

    /// The threads of a level that are not active. Those of a set that was not started, and paused
    /// ones, do not count.
    pub(crate) fn inactive(&self, level: Criticality) -> Vec<(Arc<str>, ThreadState)> {
        let Self(set) = self;
        if !set.is_running() {
            return Vec::new();
        }
        let threads = set.threads().into_iter();
        let counted =
            threads.filter(|thread| thread.identity.settings.level == level && !thread.is_paused());
        let states = counted.map(|thread| (Arc::clone(thread.name()), thread.state()));
        states.filter(|(_, state)| !state.is_active()).collect()
    }

    fn statuses(&self) -> impl Iterator<Item = ThreadStatus> {
        self.0.threads().into_iter().map(|thread| thread.status())
    }
}

impl fmt::Debug for PeriodicThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all()).finish()
    }
}

/// How long a stop waits for runs in progress, unless a server's limits differ.
const DEFAULT_STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Keeps periodic threads running; dropping it stops them and waits up to 5 s for runs in progress.
///
/// ```standalone_crate
/// use admin_runtime::periodic::ThreadState;
/// use admin_runtime::{AdminServer, periodic};
/// use std::time::Duration;
///
/// #[periodic]
/// fn heartbeat() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let mut running = server.periodic_threads().start()?;
/// running.set_graceful_shutdown_timeout(Duration::from_secs(20));
/// let heartbeat = running.threads().get("heartbeat").ok_or("not linked")?;
/// assert!(heartbeat.state().is_active());
/// drop(running);
/// assert_eq!(heartbeat.state(), ThreadState::Stopped);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the periodic threads stop when this is dropped"]
pub struct RunningThreads {
    threads: PeriodicThreads,
    graceful_shutdown_timeout: Duration,
}

impl RunningThreads {
    /// Sets how long dropping it waits for runs in progress.
    pub fn set_graceful_shutdown_timeout(&mut self, timeout: Duration) {
        self.graceful_shutdown_timeout = timeout;
    }

    /// The threads.
    #[must_use]
    pub fn threads(&self) -> &PeriodicThreads {
        &self.threads
    }
}

impl Drop for RunningThreads {
    fn drop(&mut self) {
        for thread in self.threads.0.stop(self.graceful_shutdown_timeout) {
            let thread = one_line(thread);
            log_queue::emit(move || {
                tracing::warn!(
                    thread,
                    "periodic thread did not stop in time; it ends after the current run"
                );
            });
        }
    }
}
