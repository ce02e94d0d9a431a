//! The handle to all health checks of a server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::descriptor::HealthCheckDescriptor;
use super::error::HealthStartError;
use super::kind::CheckKind;
use super::places::CheckRuntimes;
use super::report::CheckReport;
use super::set::{CheckLoops, CheckSet};
use crate::periodic::{PeriodicThreads, RunContext};
use crate::registry::HealthCheckEntry;
use crate::server_state::ServerState;

/// The health checks of a server: those that are linked, and three that every server has,
/// `periodic-critical` (live), `periodic-high` and `accepting` (ready).
///
/// An argument of a handler of this type is that of the server. A server that is started runs its
/// checks; whoever mounts one starts them with [`start`](Self::start).
///
/// ```standalone_crate
/// use admin_runtime::health::CheckKind;
/// use admin_runtime::{AdminServer, health_check};
/// use std::time::Duration;
///
/// /// The index is loaded.
/// #[health_check(interval = "5s")]
/// fn index() -> Result<(), String> {
///     Ok(())
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let admin = AdminServer::builder().bind("127.0.0.1:0").start()?;
/// let checks = admin.health_checks();
/// assert!(checks.wait_until_healthy(CheckKind::Ready, Duration::from_secs(20)));
/// let names: Vec<_> = checks.reports(CheckKind::Ready).iter().map(|check| check.name).collect();
/// assert_eq!(names, ["accepting", "index", "periodic-high"]);
/// admin.drain();
/// assert!(!checks.is_healthy(CheckKind::Ready));
/// assert!(checks.is_healthy(CheckKind::Live));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HealthChecks(Arc<CheckSet>);

impl HealthChecks {
    pub(crate) fn new(
        server: Option<String>,
        linked: &[HealthCheckDescriptor],
        state: &Arc<ServerState>,
        periodic: PeriodicThreads,
    ) -> Self {
        let context = RunContext::without_thread(Arc::clone(state));
        Self(Arc::new(CheckSet::new(server, linked, context, periodic)))
    }

    /// The checks of a kind, sorted by name. Waits for none of them.
    #[must_use]
    pub fn reports(&self, kind: CheckKind) -> Vec<CheckReport> {
        self.0.reports(kind)
    }

    /// Whether every check of a kind is healthy.
    #[must_use]
    pub fn is_healthy(&self, kind: CheckKind) -> bool {
        self.0.is_healthy(kind)
    }

    /// Sets the gauge `health_check_healthy` of every check, to 1 or 0, in the current recorder of the
    /// `metrics` facade. Waits for none of them.
    ///
    /// `GET /metrics` of `admin-endpoints` does this before each scrape. A program whose exporter has a
    /// port of its own calls it as often as that is scraped.
    ///
    /// ```standalone_crate
    /// use admin_runtime::{AdminServer, health_check};
    ///
    /// #[health_check]
    /// async fn database() {}
    ///
    /// let server = AdminServer::builder().build()?;
    /// server.health_checks().record_metrics();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn record_metrics(&self) {
        self.0.record_metrics();
    }

    /// Blocks until every check of a kind is healthy; `false` after the timeout.
    #[must_use]
    pub fn wait_until_healthy(&self, kind: CheckKind, timeout: Duration) -> bool {
        self.wait_until(timeout, || self.is_healthy(kind))
    }

    pub(super) fn wait_until(&self, timeout: Duration, condition: impl Fn() -> bool) -> bool {
        self.0.wait_until(timeout, condition)
    }

    /// Starts the linked checks of a server that is mounted; async ones run on the current tokio
    /// runtime. They stop when the result is dropped; ready checks fail from then on.
    ///
    /// ```standalone_crate
    /// use admin_runtime::health::CheckKind;
    /// use admin_runtime::{AdminServer, health_check};
    /// use std::time::Duration;
    ///
    /// #[health_check]
    /// async fn database() {}
    ///
    /// #[tokio::main]
    /// async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let server = AdminServer::builder().build()?;
    ///     let running = server.health_checks().start()?;
    ///     let service = server.service(); // to mount
    ///     # let twenty = Duration::from_secs(20);
    ///     # assert!(tokio::task::block_in_place(|| server.health_checks().wait_until_healthy(CheckKind::Ready, twenty)));
    ///     drop(running);
    ///     # drop(service);
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// They are already running; a check is async and there is no tokio runtime; or the system cannot
    /// create a thread.
    pub fn start(&self) -> Result<RunningHealthChecks, HealthStartError> {
        let runtime = Handle::try_current().ok();
        self.start_on(CheckRuntimes::shared(runtime.as_ref()))
    }

    pub(crate) fn start_on(
        &self,
        runtimes: CheckRuntimes<'_>,
    ) -> Result<RunningHealthChecks, HealthStartError> {
        self.0.start(runtimes).map(RunningHealthChecks)
    }

    /// Whether an async check decides about `/livez`.
    pub(crate) fn has_async_live_checks(&self) -> bool {
        self.0.has_async_live_checks()
    }

    /// Makes `accepting` fail; `false` if it did before.
    pub(crate) fn shut_down(&self) -> bool {
        self.0.shut_down()
    }

    /// The linked checks, for the index.
    pub(crate) fn entries(&self) -> Vec<HealthCheckEntry> {
        let entry = |check: &HealthCheckDescriptor| {
            HealthCheckEntry::new(
                check.name,
                check.settings.kind.as_str(),
                check.docs,
                &check.source,
            )
        };
        self.0.descriptors().map(entry).collect()
    }

    /// The names of the linked checks.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.0.descriptors().map(|check| check.name).collect()
    }
}

impl fmt::Debug for HealthChecks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// Checks that run until this is dropped, which does not wait: see [`HealthChecks::start`].
///
/// ```standalone_crate
/// use admin_runtime::health::RunningHealthChecks;
/// use admin_runtime::{AdminServer, health_check};
///
/// #[health_check]
/// fn database() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let running: RunningHealthChecks = server.health_checks().start()?;
/// let error = server.health_checks().start().unwrap_err();
/// assert_eq!(error.to_string(), "the health checks of this server are already running");
/// # drop(running);
/// # Ok(())
/// # }
/// ```
#[must_use = "the health checks stop when this is dropped"]
pub struct RunningHealthChecks(#[expect(dead_code, reason = "dropped")] CheckLoops);

impl fmt::Debug for RunningHealthChecks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RunningHealthChecks")
    }
}
