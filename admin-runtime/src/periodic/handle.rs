//! A handle to one periodic thread.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::error::{NotRunning, PeriodicStartError, StillRunning};
use super::health::PeriodicState;
use super::history::RunRecord;
use super::settings::PeriodicSettings;
use super::snapshot::ThreadStatus;
use super::thread::Thread;
use crate::source::Source;

/// A periodic thread of a server: to look at, to wake, to pause, to stop and to start again.
///
/// ```standalone_crate
/// use admin_runtime::{PeriodicState, RunSummary, periodic};
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
/// assert_eq!(evictor.state(), PeriodicState::Paused);
/// evictor.resume()?;
/// evictor.stop(Duration::from_secs(20))?;
/// let refused = evictor.wake().unwrap_err();
/// assert_eq!(refused.to_string(), "Thread is not running: evictor (stopped)");
/// evictor.start()?;
/// # Ok(())
/// # }
/// ```
///
/// What is known of it before it runs:
///
/// ```standalone_crate
/// # use admin_runtime::{AdminServer, periodic};
/// # use std::time::Duration;
/// /// Drops the blocks that nobody has asked for.
/// #[periodic(interval = "1m30s")]
/// fn evictor() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let evictor = server.periodic_threads().get("evictor").ok_or("not linked")?;
/// assert_eq!(evictor.name(), "evictor");
/// assert_eq!(evictor.docs(), "Drops the blocks that nobody has asked for.");
/// assert_eq!(evictor.settings().interval, Duration::from_secs(90));
/// assert_eq!(evictor.source().map(|source| source.function), Some("evictor"));
/// assert_eq!(evictor.status().total_runs, 0);
/// # Ok(())
/// # }
/// ```
///
/// As an argument of a periodic body it is the thread itself, so that a long body can see that it
/// has been asked to stop:
///
/// ```standalone_crate
/// use admin_runtime::{PeriodicState, PeriodicThread, RunSummary, periodic};
/// # use std::time::Duration;
///
/// #[periodic]
/// fn scrub(thread: PeriodicThread) -> RunSummary {
///     let mut blocks = 0u64;
///     while !thread.stop_requested() {
///         blocks += 1; // one block after the other
///     }
///     RunSummary::new("asked to stop").with("blocks", blocks)
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = admin_runtime::AdminServer::builder().build()?;
/// # let running = server.periodic_threads().start()?;
/// let scrub = running.threads().get("scrub").ok_or("not linked")?;
/// # let in_time = Duration::from_secs(20);
/// assert!(scrub.wait_until(in_time, |status| status.state == PeriodicState::Running));
/// scrub.request_stop();
/// scrub.stop(in_time)?;
/// assert_eq!(scrub.recent_runs()[0].message, "asked to stop");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PeriodicThread(pub(super) Arc<Thread>);

impl PeriodicThread {
    pub(super) fn new(thread: Arc<Thread>) -> Self {
        Self(thread)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The doc comment of the function; empty for a thread that was built at run time.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.0.docs
    }

    /// Where its function was written; `None` for a thread that was built at run time.
    #[must_use]
    pub fn source(&self) -> Option<&Source> {
        self.0.source.as_ref()
    }

    /// When it runs and what counts as trouble.
    #[must_use]
    pub fn settings(&self) -> &PeriodicSettings {
        &self.0.settings
    }

    /// What it is doing, or the worst that is wrong with it.
    #[must_use]
    pub fn state(&self) -> PeriodicState {
        self.0.state()
    }

    /// What `GET /periodic-threads/{thread_name}` shows.
    #[must_use]
    pub fn status(&self) -> ThreadStatus {
        ThreadStatus::of(&self.0, &self.0.lock())
    }

    /// The last runs that have ended, newest first, at most 16.
    #[must_use]
    pub fn recent_runs(&self) -> Vec<Arc<RunRecord>> {
        self.0.lock().history.newest_first()
    }

    /// Blocks until the condition holds, looking again whenever something has changed; whether it
    /// came to hold within `timeout`.
    ///
    /// ```standalone_crate
    /// # use std::time::Duration;
    /// # #[admin_runtime::periodic] fn beat() {}
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = admin_runtime::AdminServer::builder().build()?;
    /// # let running = server.periodic_threads().start()?;
    /// # let thread = running.threads().get("beat").ok_or("not linked")?;
    /// let runs = thread.status().total_runs;
    /// thread.wake()?;
    /// assert!(thread.wait_until(Duration::from_secs(20), |status| status.total_runs > runs));
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_until(
        &self,
        timeout: Duration,
        condition: impl FnMut(&ThreadStatus) -> bool,
    ) -> bool {
        self.0.wait_until(timeout, condition)
    }

    /// Lets it run at once; during a run, once more right after. Several wakes before the run
    /// begins are one. A paused thread runs once and stays paused.
    ///
    /// # Errors
    /// There is no loop to wake.
    pub fn wake(&self) -> Result<(), NotRunning> {
        let woken = self.0.lock().life.wake();
        self.nudged(woken)
    }

    /// Lets no further run begin. A run that goes on ends first.
    ///
    /// # Errors
    /// There is no loop to pause.
    pub fn pause(&self) -> Result<(), NotRunning> {
        let paused = self.0.lock().life.pause();
        self.nudged(paused)
    }

    /// Ends a pause; a run that came due meanwhile begins at once.
    ///
    /// # Errors
    /// There is no loop to resume.
    pub fn resume(&self) -> Result<(), NotRunning> {
        let now = self.0.clock.now();
        let resumed = self.0.lock().life.resume(now);
        self.nudged(resumed)
    }

    fn nudged(&self, obeyed: bool) -> Result<(), NotRunning> {
        if !obeyed {
            return Err(NotRunning {
                thread: self.name().to_owned(),
                state: self.state(),
            });
        }
        self.0.nudge();
        if let Some(set) = self.0.set.upgrade() {
            set.look_again();
        }
        Ok(())
    }

    /// Asks it to stop: a wait ends at once, a run is not interrupted. Does not wait.
    pub fn request_stop(&self) {
        self.0.request_stop();
    }

    /// Whether it has been asked to stop; long bodies look at this.
    #[must_use]
    pub fn stop_requested(&self) -> bool {
        self.0.lock().life.stop_requested()
    }

    /// Asks it to stop and waits until its loop has ended, blocking the caller for at most
    /// `timeout`. Called by its own sync body it does not wait.
    ///
    /// # Errors
    /// It is still inside a run, after which it ends. Until then [`start`](Self::start) refuses.
    pub fn stop(&self, timeout: Duration) -> Result<(), StillRunning> {
        self.0.request_stop();
        if self.0.wait_until_stopped(timeout) {
            return Ok(());
        }
        Err(StillRunning {
            thread: self.name().to_owned(),
            waited: timeout,
        })
    }

    /// Starts it again after a stop or after its death. Its counters go on; its failures in a row
    /// begin anew.
    ///
    /// # Errors
    /// Its old loop still exists; its server does not run its periodic threads; the system gives
    /// no thread.
    pub fn start(&self) -> Result<(), PeriodicStartError> {
        match self.0.set.upgrade() {
            Some(set) => set.restart(&self.0),
            None => Err(PeriodicStartError::SetNotStarted {
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
