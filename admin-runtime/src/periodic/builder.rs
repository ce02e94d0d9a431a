//! Periodic threads that are known only at run time.

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use super::descriptor::{Body, check_name};
use super::error::PeriodicStartError;
use super::handle::PeriodicThread;
use super::outcome::RunOutcome;
use super::settings::{PeriodicSettings, Schedule};
use super::threads::PeriodicThreads;
use super::{Level, thread::Thread};

/// Describes a thread that needs what is known only at run time. It joins the threads of its
/// server when given a body, runs whenever they do, and leaves them when its handle is dropped.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, Level, PeriodicError};
/// use std::time::Duration;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[admin_runtime::admin_endpoint(path = "/x")] async fn x() {}
/// let admin = AdminServer::builder().bind("127.0.0.1:0").start()?;
/// let mut seen = 0u64;
/// let replica = admin
///     .periodic_threads()
///     .builder("replica eu-1")
///     .level(Level::High)
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
/// What the keys of `#[periodic]` say are methods here:
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, PeriodicError, PeriodicSettings, Schedule};
/// use std::time::Duration;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[admin_runtime::admin_endpoint(path = "/x")] async fn x() {}
/// # let server = AdminServer::builder().build()?;
/// let second = Duration::from_secs(1);
/// let sampler = server.periodic_threads().builder("sampler of shard 3")
///     .settings(PeriodicSettings { interval: 5 * second, ..PeriodicSettings::DEFAULT })
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
#[must_use = "a thread begins with `run` or `run_async`"]
pub struct PeriodicThreadBuilder {
    threads: PeriodicThreads,
    name: String,
    settings: PeriodicSettings,
}

impl PeriodicThreadBuilder {
    pub(super) fn new(threads: PeriodicThreads, name: String) -> Self {
        Self {
            threads,
            name,
            settings: PeriodicSettings::DEFAULT,
        }
    }

    /// Replaces all settings.
    pub fn settings(mut self, settings: PeriodicSettings) -> Self {
        self.settings = settings;
        self
    }

    /// How much depends on it.
    pub fn level(mut self, level: Level) -> Self {
        self.settings.level = level;
        self
    }

    /// The time between two runs.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.settings.interval = interval;
        self
    }

    /// The time between the start and the first run.
    pub fn init_wait(mut self, init_wait: Duration) -> Self {
        self.settings.init_wait = init_wait;
        self
    }

    /// The longest random addition to each delay.
    pub fn jitter(mut self, jitter: Duration) -> Self {
        self.settings.jitter = jitter;
        self
    }

    /// The time after which a run is stuck.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = Some(timeout);
        self
    }

    /// What the interval is measured from.
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.settings.schedule = schedule;
        self
    }

    /// The consecutive failures after which it counts as failing.
    pub fn failures(mut self, failures: u32) -> Self {
        self.settings.failures = failures;
        self
    }

    /// The longest delay while it is failing.
    pub fn backoff(mut self, backoff: Duration) -> Self {
        self.settings.backoff = Some(backoff);
        self
    }

    /// Joins with a body that runs on an OS thread of this name.
    ///
    /// # Errors
    /// A name or a setting that cannot be used; a name that is taken; and whatever keeps a thread
    /// from starting, if the server runs its threads already.
    pub fn run<T, Via>(
        self,
        mut body: impl FnMut() -> T + Send + 'static,
    ) -> Result<OwnedPeriodicThread, PeriodicStartError>
    where
        T: RunOutcome<Via>,
    {
        self.join(Body::Sync(Box::new(move || body().into_result())))
    }

    /// Joins with a body whose futures run on the runtime for users' code.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_async<F, Via>(
        self,
        mut body: impl FnMut() -> F + Send + 'static,
    ) -> Result<OwnedPeriodicThread, PeriodicStartError>
    where
        F: Future + Send + 'static,
        F::Output: RunOutcome<Via>,
    {
        self.join(Body::Async(Box::new(move || {
            let run = body();
            Box::pin(async move { run.await.into_result() })
        })))
    }

    fn join(self, body: Body) -> Result<OwnedPeriodicThread, PeriodicStartError> {
        let Self {
            threads,
            name,
            settings,
        } = self;
        check_name(&name)
            .and_then(|()| settings.check())
            .map_err(|reason| PeriodicStartError::Invalid {
                thread: name.clone(),
                reason,
            })?;
        let set = &threads.0;
        let thread: Arc<Thread> = set.thread(name.into(), "", settings, None, |_| body);
        set.join(&thread)?;
        Ok(OwnedPeriodicThread(PeriodicThread::new(thread)))
    }
}

impl fmt::Debug for PeriodicThreadBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeriodicThreadBuilder")
            .field("name", &self.name)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// A periodic thread that leaves its server when this is dropped: at once between two runs, else
/// when the run that goes on has ended, so that its name is free only then. Dropping never waits.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, OwnedPeriodicThread};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[admin_runtime::admin_endpoint(path = "/x")] async fn x() {}
/// # let server = AdminServer::builder().build()?;
/// let threads = server.periodic_threads();
/// let replica: OwnedPeriodicThread = threads.builder("replica eu-1").run(|| ())?;
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
pub struct OwnedPeriodicThread(PeriodicThread);

impl Deref for OwnedPeriodicThread {
    type Target = PeriodicThread;

    fn deref(&self) -> &PeriodicThread {
        &self.0
    }
}

impl Drop for OwnedPeriodicThread {
    fn drop(&mut self) {
        let thread = &self.0.0;
        if thread.leave()
            && let Some(set) = thread.set.upgrade()
        {
            set.remove(thread);
        }
    }
}
