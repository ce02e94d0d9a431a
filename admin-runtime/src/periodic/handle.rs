//! A handle to one periodic thread.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::error::{NotRunning, PeriodicStartError, StillRunning};
use super::history::RunRecord;
use super::set::ThreadSet;
use super::settings::Settings;
use super::state::ThreadState;
use super::status::ThreadStatus;
use super::thread::ThreadCore;
use crate::source::SourceLocation;

/// A handle to a periodic thread of a server: to inspect, run, pause, stop and restart it.
///
/// ```standalone_crate
/// use admin_runtime::periodic::ThreadState;
/// use admin_runtime::{RunSummary, periodic};
/// # use std::time::Duration;
///
/// #[periodic(interval = "1h")]
/// fn evictor() -> RunSummary {
///     RunSummary::new("evicted 3 blocks")
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = admin_runtime::AdminServer::builder().build()?;
/// # let running = server.periodic_threads().start()?;
/// let evictor = running.threads().get("evictor").ok_or("not linked")?;
/// assert!(evictor.wait_until(Duration::from_secs(20), |status| status.total_runs == 1));
/// assert_eq!(evictor.recent_runs()[0].message, "evicted 3 blocks");
/// evictor.pause()?;
/// assert_eq!(evictor.state(), ThreadState::Paused);
/// evictor.resume()?;
/// evictor.stop(Duration::from_secs(20))?;
/// let refused = evictor.run_now().unwrap_err();
/// assert_eq!(refused.to_string(), "Thread is not running: evictor (stopped)");
/// evictor.start()?;
/// # Ok(())
/// # }
/// ```
///
/// Name, docs, settings and source are known before it runs:
///
/// ```standalone_crate
/// # use admin_runtime::{AdminServer, periodic};
/// # use std::time::Duration;
/// /// Drops the blocks that were not requested recently.
/// #[periodic(interval = "1m30s")]
/// fn evictor() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let evictor = server.periodic_threads().get("evictor").ok_or("not linked")?;
/// assert_eq!(evictor.name(), "evictor");
/// assert_eq!(evictor.docs(), "Drops the blocks that were not requested recently.");
/// assert_eq!(evictor.settings().interval, Duration::from_secs(90));
/// assert_eq!(evictor.source().map(|source| source.function()), Some("evictor"));
/// assert_eq!(evictor.status().total_runs, 0);
/// # Ok(())
/// # }
/// ```
///
/// As an argument of a periodic body it is the thread itself, so that a long run can end early when
/// a stop is requested:
///
/// ```standalone_crate
/// use admin_runtime::periodic::ThreadState;
/// use admin_runtime::{PeriodicThread, RunSummary, periodic};
/// # use std::time::Duration;
///
/// #[periodic]
/// fn scrub(thread: PeriodicThread) -> RunSummary {
///     let mut blocks = 0u64;
///     while !thread.stop_requested() {
///         blocks += 1; // one block after the other
///     }
///     RunSummary::new("stop requested").with("blocks", blocks)
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = admin_runtime::AdminServer::builder().build()?;
/// # let running = server.periodic_threads().start()?;
/// let scrub = running.threads().get("scrub").ok_or("not linked")?;
/// # let timeout = Duration::from_secs(20);
/// assert!(scrub.wait_until(timeout, |status| status.state == ThreadState::Running));
/// scrub.request_stop();
/// scrub.stop(timeout)?;
/// assert_eq!(scrub.recent_runs()[0].message, "stop requested");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PeriodicThread {
    thread: Arc<ThreadCore>,
    set: Weak<ThreadSet>,
}

impl PeriodicThread {
    pub(super) fn new(thread: Arc<ThreadCore>, set: &Arc<ThreadSet>) -> Self {
        Self {
            thread,
            set: Arc::downgrade(set),
        }
    }

    pub(super) fn thread(&self) -> &ThreadCore {
        &self.thread
    }

    pub(super) fn set(&self) -> Option<Arc<ThreadSet>> {
        self.set.upgrade()
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.thread.name()
    }

    /// The doc comment of the function; empty for a thread that was built at run time.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.thread.identity.docs
    }

    /// Where its function was written; `None` for a thread that was built at run time.
    #[must_use]
    pub fn source(&self) -> Option<&SourceLocation> {
        self.thread.identity.source.as_ref()
    }

    /// When it runs and what counts as a fault.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.thread.identity.settings
    }

    /// The worst fault, or the step of the life cycle if there is none.
    #[must_use]
    pub fn state(&self) -> ThreadState {
        self.thread.state()
    }

    /// The thread as `GET /periodic-threads/{thread_name}` shows it.
    #[must_use]
    pub fn status(&self) -> ThreadStatus {
        self.thread.status()
    }

    /// The last runs that have ended, newest first, at most 16.
    #[must_use]
    pub fn recent_runs(&self) -> Vec<Arc<RunRecord>> {
        self.thread.lock().history.newest_first()
    }

    /// Blocks until the condition holds, checking it after every change; whether it did within
    /// `timeout`.
    ///
    /// ```standalone_crate
    /// # use std::time::Duration;
    /// # #[admin_runtime::periodic] fn beat() {}
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = admin_runtime::AdminServer::builder().build()?;
    /// # let running = server.periodic_threads().start()?;
    /// # let thread = running.threads().get("beat").ok_or("not linked")?;
    /// let runs = thread.status().total_runs;
    /// thread.run_now()?;
    /// assert!(thread.wait_until(Duration::from_secs(20), |status| status.total_runs > runs));
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_until(
        &self,
        timeout: Duration,
        condition: impl FnMut(&ThreadStatus) -> bool,
    ) -> bool {
        self.thread.wait_until(timeout, condition)
    }

    /// Requests one run at once or, during a run, right after it. Several requests before that run
    /// begins count as one. A paused thread runs once and stays paused.
    ///
    /// # Errors
    ///
    /// The thread has no loop, or has been requested to stop.
    pub fn run_now(&self) -> Result<(), NotRunning> {
        let accepted = self.thread.lock().life.run_now();
        self.commanded(accepted)
    }

    /// Prevents further runs. A run in progress ends first.
    ///
    /// # Errors
    ///
    /// The thread has no loop, or has been requested to stop.
    pub fn pause(&self) -> Result<(), NotRunning> {
        let accepted = self.thread.lock().life.pause();
        self.commanded(accepted)
    }

    /// Ends a pause; a run that came due meanwhile begins at once.
    ///
    /// # Errors
    ///
    /// The thread has no loop, or has been requested to stop.
    pub fn resume(&self) -> Result<(), NotRunning> {
        let now = self.thread.now();
        let accepted = self.thread.lock().life.resume(now);
        self.commanded(accepted)
    }

    fn commanded(&self, accepted: bool) -> Result<(), NotRunning> {
        if !accepted {
            return Err(NotRunning {
                thread: self.name().to_owned(),
                state: self.state(),
            });
        }
        self.thread.wake_sleepers();
        if let Some(set) = self.set() {
            set.recheck();
        }
        Ok(())
    }

    /// Requests a stop: a wait ends at once, a run is not interrupted. Does not wait.
    pub fn request_stop(&self) {
        self.thread.request_stop();
    }

    /// Whether a stop was requested; long runs should check this.
    #[must_use]
    pub fn stop_requested(&self) -> bool {
        self.thread.lock().life.stop_requested()
    }

    /// Requests a stop and waits until the loop has ended, blocking the caller for at most
    /// `timeout`. Called by the thread's own sync body it does not wait.
    ///
    /// # Errors
    ///
    /// The thread is still inside a run, after which it ends. Until then [`start`](Self::start)
    /// returns an error.
    pub fn stop(&self, timeout: Duration) -> Result<(), StillRunning> {
        self.thread.request_stop();
        if self.thread.wait_until_stopped(timeout) {
            return Ok(());
        }
        Err(StillRunning {
            thread: self.name().to_owned(),
            waited: timeout,
        })
    }

    /// Starts it again after it was stopped or died. Its counters continue, except that of
    /// consecutive failures.
    ///
    /// # Errors
    ///
    /// The old loop still exists; the server does not run its periodic threads; or the system
    /// cannot create a thread.
    pub fn start(&self) -> Result<(), PeriodicStartError> {
        match self.set() {
            Some(set) => set.restart(&self.thread),
            None => Err(PeriodicStartError::ThreadsNotStarted {
                thread: self.name().to_owned(),
            }),
        }
    }
}

impl fmt::Debug for PeriodicThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeriodicThread")
            .field("name", &self.name())
            .field("state", &self.state())
            .finish()
    }
}

/// A reference to a thread that keeps neither it nor its set alive.
#[derive(Clone, Debug)]
pub(super) struct WeakPeriodicThread {
    pub(super) thread: Weak<ThreadCore>,
    pub(super) set: Weak<ThreadSet>,
}

impl WeakPeriodicThread {
    pub(super) fn upgrade(&self) -> Option<PeriodicThread> {
        Some(PeriodicThread {
            thread: self.thread.upgrade()?,
            set: Weak::clone(&self.set),
        })
    }
}
