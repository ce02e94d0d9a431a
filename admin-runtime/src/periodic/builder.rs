//! Periodic threads that are known only at run time.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use super::body::RunBody;
use super::criticality::Criticality;
use super::error::PeriodicStartError;
use super::handle::PeriodicThread;
use super::identity::{ThreadIdentity, check_name};
use super::outcome::RunOutcome;
use super::set::ThreadSet;
use super::settings::{Schedule, Settings};

/// Builds a thread whose name, settings or body are known only at run time. It joins the threads of
/// its server when it receives a body, runs while they run, and leaves them when its handle is
/// dropped.
///
/// ```standalone_crate
/// use admin_runtime::periodic::Criticality;
/// use admin_runtime::{AdminServer, PeriodicError};
/// use std::time::Duration;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[admin_runtime::admin_endpoint(path = "/x")] async fn x() {}
/// let admin = AdminServer::builder().bind("127.0.0.1:0").start()?;
/// let mut seen = 0u64;
/// let replica = admin
///     .periodic_threads()
///     .builder("replica eu-1")
///     .level(Criticality::High)
///     .interval(Duration::from_secs(5))
///     .run(move || {
///         seen += 1;
///         Ok::<_, PeriodicError>(())
///     })?;
/// assert!(replica.state().is_active());
/// drop(replica);
/// assert!(admin.periodic_threads().get("replica eu-1").is_none_or(|old| !old.state().is_active()));
/// # Ok(())
/// # }
/// ```
///
/// There is a method for each key of `#[periodic]`:
///
/// ```standalone_crate
/// use admin_runtime::periodic::{Schedule, Settings};
/// use admin_runtime::{AdminServer, PeriodicError};
/// use std::time::Duration;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[admin_runtime::admin_endpoint(path = "/x")] async fn x() {}
/// # let server = AdminServer::builder().build()?;
/// let second = Duration::from_secs(1);
/// let sampler = server.periodic_threads().builder("sampler of shard 3")
///     .settings(Settings::DEFAULT.with_interval(5 * second))
///     .schedule(Schedule::FixedRate)
///     .init_wait(second)
///     .jitter(second / 10)
///     .timeout(60 * second)
///     .failures(5)
///     .backoff(300 * second)
///     .run_async(|| async { Ok::<_, PeriodicError>(()) })?;
/// assert_eq!(sampler.settings().backoff, Some(Duration::from_secs(300)));
///
/// let busy = server.periodic_threads().builder("busy").interval(Duration::ZERO);
/// let error = busy.run(|| ()).unwrap_err().to_string();
/// assert_eq!(error, r#"periodic thread "busy": the interval is zero: it must be above zero"#);
/// # Ok(())
/// # }
/// ```
#[must_use = "the thread is created by `run` or `run_async`"]
pub struct ThreadBuilder {
    set: Arc<ThreadSet>,
    name: String,
    settings: Settings,
}

impl ThreadBuilder {
    pub(super) fn new(set: Arc<ThreadSet>, name: String) -> Self {
        Self {
            set,
            name,
            settings: Settings::DEFAULT,
        }
    }

    /// Replaces all settings.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Sets how much depends on it.
    pub fn level(self, level: Criticality) -> Self {
        let settings = self.settings.with_level(level);
        self.settings(settings)
    }

    /// Sets the time between two runs.
    pub fn interval(self, interval: Duration) -> Self {
        let settings = self.settings.with_interval(interval);
        self.settings(settings)
    }

    /// Sets the time between the start and the first run.
    pub fn init_wait(self, init_wait: Duration) -> Self {
        let settings = self.settings.with_init_wait(init_wait);
        self.settings(settings)
    }

    /// Sets the longest random addition to each delay.
    pub fn jitter(self, jitter: Duration) -> Self {
        let settings = self.settings.with_jitter(jitter);
        self.settings(settings)
    }

    /// Sets the time after which a run is stuck.
    pub fn timeout(self, timeout: Duration) -> Self {
        let settings = self.settings.with_timeout(timeout);
        self.settings(settings)
    }

    /// Sets what the interval is measured from.
    pub fn schedule(self, schedule: Schedule) -> Self {
        let settings = self.settings.with_schedule(schedule);
        self.settings(settings)
    }

    /// Sets the number of consecutive failures after which it is failing.
    pub fn failures(self, failures: u32) -> Self {
        let settings = self.settings.with_failures(failures);
        self.settings(settings)
    }

    /// Sets the longest delay while it is failing.
    pub fn backoff(self, backoff: Duration) -> Self {
        let settings = self.settings.with_backoff(backoff);
        self.settings(settings)
    }

    /// Joins with a body that runs on an OS thread of this name.
    ///
    /// # Errors
    ///
    /// The name or a setting is invalid; the name is taken; or, if the server runs its threads
    /// already, the thread cannot be started.
    pub fn run<T, Via: ?Sized>(
        self,
        mut body: impl FnMut() -> T + Send + 'static,
    ) -> Result<OwnedThread, PeriodicStartError>
    where
        T: RunOutcome<Via>,
    {
        self.join(RunBody::Sync(Box::new(move || body().into_result())))
    }

    /// Joins with a body whose futures run on the user runtime.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); also if the server started its threads outside a tokio runtime.
    pub fn run_async<F, Via: ?Sized>(
        self,
        mut body: impl FnMut() -> F + Send + 'static,
    ) -> Result<OwnedThread, PeriodicStartError>
    where
        F: Future + Send + 'static,
        F::Output: RunOutcome<Via>,
    {
        self.join(RunBody::Async(Box::new(move || {
            let run = body();
            Box::pin(async move { run.await.into_result() })
        })))
    }

    fn join(self, body: RunBody) -> Result<OwnedThread, PeriodicStartError> {
        let Self {
            set,
            name,
            settings,
        } = self;
        check_name(&name)
            .and_then(|()| settings.check())
            .map_err(|reason| PeriodicStartError::Invalid {
                thread: name.clone(),
                reason,
            })?;
        let identity = ThreadIdentity {
            name: name.into(),
            docs: "",
            settings,
            source: None,
        };
        let thread = set.new_thread(identity, |_| body);
        set.join(&thread)?;
        Ok(OwnedThread(PeriodicThread::new(thread, &set)))
    }
}

impl fmt::Debug for ThreadBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadBuilder")
            .field("name", &self.name)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// A periodic thread that leaves its server when this is dropped: at once between two runs,
/// otherwise after the run in progress; its name is free only then. Dropping does not wait.
///
/// ```standalone_crate
/// use admin_runtime::AdminServer;
/// use admin_runtime::periodic::OwnedThread;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[admin_runtime::admin_endpoint(path = "/x")] async fn x() {}
/// # let server = AdminServer::builder().build()?;
/// let threads = server.periodic_threads();
/// let replica: OwnedThread = threads.builder("replica eu-1").run(|| ())?;
/// let taken = threads.builder("replica eu-1").run(|| ()).unwrap_err();
/// assert_eq!(
///     taken.to_string(),
///     r#"this server has a periodic thread "replica eu-1": choose another name"#,
/// );
/// drop(replica);
/// assert!(threads.get("replica eu-1").is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the thread leaves its server when this is dropped"]
pub struct OwnedThread(PeriodicThread);

impl Deref for OwnedThread {
    type Target = PeriodicThread;

    fn deref(&self) -> &PeriodicThread {
        &self.0
    }
}

impl Drop for OwnedThread {
    fn drop(&mut self) {
        let thread = self.0.thread();
        if thread.leave()
            && let Some(set) = self.0.set()
        {
            set.remove(thread);
        }
    }
}
