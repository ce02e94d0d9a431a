//! The health checks of one server.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::AbortHandle;

use super::check::Check;
use super::descriptor::HealthCheckDescriptor;
use super::error::HealthStartError;
use super::kind::CheckKind;
use super::metrics;
use super::places::{CheckRuntimes, ThreadShares};
use super::pool::CheckPool;
use super::report::CheckReport;
use super::shared::CheckShared;
use crate::clock::Clock;
use crate::periodic::{Criticality, PeriodicThreads, RunContext};

/// The checks of one server, started or not.
pub(super) struct CheckSet {
    /// The name of the server.
    server: Option<String>,
    checks: Vec<Arc<Check>>,
    shared: Arc<CheckShared>,
    periodic: PeriodicThreads,
    is_shutting_down: AtomicBool,
}

/// The loops of a started set; they end when this is dropped.
pub(super) struct CheckLoops {
    checks: Vec<Arc<Check>>,
    tasks: Vec<AbortHandle>,
    /// One for each kind that has sync checks.
    pools: Vec<CheckPool>,
}

impl CheckSet {
    pub(super) fn new(
        server: Option<String>,
        linked: &[HealthCheckDescriptor],
        context: RunContext,
        periodic: PeriodicThreads,
    ) -> Self {
        Self {
            server,
            checks: linked.iter().copied().map(Check::new).collect(),
            shared: Arc::new(CheckShared::new(context, Clock::system())),
            periodic,
            is_shutting_down: AtomicBool::new(false),
        }
    }

    pub(super) fn descriptors(&self) -> impl Iterator<Item = &HealthCheckDescriptor> {
        self.checks.iter().map(|check| &check.descriptor)
    }

    /// Whether an async check decides about `/livez`.
    pub(super) fn has_async_live_checks(&self) -> bool {
        self.of_kind(CheckKind::Live).any(|check| check.is_async())
    }

    /// Starts the loops; all or none.
    pub(super) fn start(
        &self,
        runtimes: CheckRuntimes<'_>,
    ) -> Result<CheckLoops, HealthStartError> {
        let (tasks, blocking): (Vec<_>, Vec<_>) = self
            .checks
            .iter()
            .cloned()
            .partition(|check| check.is_async());
        let tasks: Vec<_> = tasks
            .into_iter()
            .map(|check| match runtimes.of_kind(check.kind()) {
                Some(runtime) => Ok((check, runtime)),
                None => Err(HealthStartError::NoRuntime {
                    check: check.descriptor.name.to_owned(),
                }),
            })
            .collect::<Result<_, _>>()?;
        for (started, check) in self.checks.iter().enumerate() {
            if !check.start(&self.shared.timeline) {
                self.checks[..started].iter().for_each(|check| check.end());
                return Err(HealthStartError::AlreadyStarted);
            }
        }
        let mut loops = CheckLoops {
            checks: self.checks.clone(),
            tasks: Vec::with_capacity(tasks.len()),
            pools: Vec::new(),
        };
        if let Err(error) = loops.start_pools(blocking, runtimes.has_live_thread, &self.shared) {
            self.checks.iter().for_each(|check| check.end());
            return Err(HealthStartError::Spawn(error));
        }
        for (check, runtime) in tasks {
            let task = runtime.spawn(check.run_loop(Arc::clone(&self.shared)));
            loops.tasks.push(task.abort_handle());
        }
        Ok(loops)
    }

    pub(super) fn shut_down(&self) -> bool {
        !self.is_shutting_down.swap(true, Ordering::Relaxed)
    }

    /// The built-in checks of a kind, with why they are not healthy.
    fn built_in(&self, kind: CheckKind) -> Vec<(&'static str, Option<String>)> {
        match kind {
            CheckKind::Live => vec![("periodic-critical", self.inactive(Criticality::Critical))],
            CheckKind::Ready => {
                let shuts_down = self.is_shutting_down.load(Ordering::Relaxed);
                vec![
                    ("accepting", shuts_down.then(|| "shutting down".to_owned())),
                    ("periodic-high", self.inactive(Criticality::High)),
                ]
            }
        }
    }

    /// The periodic threads of a level that are not active.
    fn inactive(&self, level: Criticality) -> Option<String> {
        let inactive = self.periodic.inactive(level);
        let texts = inactive
            .iter()
            .map(|(name, state)| format!("{name} is {state}"));
        let texts: Vec<_> = texts.collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    }

    /// The checks of a kind, sorted by name.
    pub(super) fn reports(&self, kind: CheckKind) -> Vec<CheckReport> {
        let built_in = self.built_in(kind).into_iter();
        let mut reports: Vec<_> = built_in
            .map(|(name, failure)| CheckReport::built_in(name, kind, failure))
            .chain(
                self.of_kind(kind)
                    .map(|check| check.report(&self.shared.timeline)),
            )
            .collect();
        reports.sort_by_key(|report| report.name);
        reports
    }

    pub(super) fn record_metrics(&self) {
        let server = self.server.as_deref();
        for kind in [CheckKind::Live, CheckKind::Ready] {
            metrics::record(server, &self.reports(kind));
        }
    }

    /// Whether every check of a kind is healthy.
    pub(super) fn is_healthy(&self, kind: CheckKind) -> bool {
        let mut built_in = self.built_in(kind).into_iter();
        built_in.all(|(_, failure)| failure.is_none())
            && self
                .of_kind(kind)
                .all(|check| check.is_healthy(&self.shared.timeline))
    }

    pub(super) fn wait_until(&self, timeout: Duration, condition: impl Fn() -> bool) -> bool {
        self.shared.wait_until(timeout, condition)
    }

    fn of_kind(&self, kind: CheckKind) -> impl Iterator<Item = &Arc<Check>> {
        let checks = self.checks.iter();
        checks.filter(move |check| check.descriptor.settings.kind == kind)
    }
}

impl CheckLoops {
    /// Starts the threads of sync checks. Those that hang do not keep a thread from the other kind.
    fn start_pools(
        &mut self,
        blocking: Vec<Arc<Check>>,
        has_live_thread: bool,
        shared: &Arc<CheckShared>,
    ) -> io::Result<()> {
        let is_live = |check: &Arc<Check>| check.kind() == CheckKind::Live;
        let (live, ready): (Vec<_>, Vec<_>) = blocking.into_iter().partition(is_live);
        let shares = ThreadShares::new(live.len(), has_live_thread);
        let pools = [
            (CheckKind::Live, live, shares.live),
            (CheckKind::Ready, ready, shares.ready),
        ];
        for (kind, checks, max_threads) in pools {
            if !checks.is_empty() {
                self.pools
                    .push(CheckPool::start(checks, kind, max_threads, shared)?);
            }
        }
        Ok(())
    }
}

impl Drop for CheckLoops {
    fn drop(&mut self) {
        self.checks.iter().for_each(|check| check.request_stop());
        self.tasks.iter().for_each(AbortHandle::abort);
        self.pools.clear();
    }
}
