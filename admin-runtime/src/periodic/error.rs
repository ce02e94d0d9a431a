//! Why a periodic thread cannot be started, run, paused or stopped.

use std::fmt;
use std::io;
use std::time::Duration;

use super::state::ThreadState;

/// Why one periodic thread, or all of a server, did not start.
///
/// ```standalone_crate
/// use admin_runtime::periodic::PeriodicStartError;
/// use admin_runtime::{AdminServer, periodic};
///
/// #[periodic]
/// fn evictor() {}
///
/// /// Whether a later attempt may succeed.
/// fn is_transient(error: &PeriodicStartError) -> bool {
///     matches!(error, PeriodicStartError::NotStopped { .. } | PeriodicStartError::Spawn { .. })
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let running = server.periodic_threads().start()?;
/// let error = server.periodic_threads().start().unwrap_err();
/// assert!(!is_transient(&error));
/// assert_eq!(error.to_string(), "the periodic threads of this server are already running");
/// # drop(running);
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
pub enum PeriodicStartError {
    /// The threads of the server are already running.
    AlreadyStarted,
    /// Another server of the process runs its threads and has the same name, or neither has one.
    #[non_exhaustive]
    ServerNameTaken {
        /// The name of this server, if it has one.
        name: Option<String>,
    },
    /// The server does not run its threads.
    #[non_exhaustive]
    ThreadsNotStarted {
        /// The thread.
        thread: String,
    },
    /// The body is async and there is no tokio runtime.
    #[non_exhaustive]
    NoRuntime {
        /// The thread.
        thread: String,
    },
    /// The old loop still exists.
    #[non_exhaustive]
    NotStopped {
        /// The thread.
        thread: String,
        /// Its state.
        state: ThreadState,
    },
    /// The server has a thread of this name.
    #[non_exhaustive]
    NameTaken {
        /// The name.
        thread: String,
    },
    /// The name or a setting is invalid.
    #[non_exhaustive]
    Invalid {
        /// The thread.
        thread: String,
        /// What is wrong and what is allowed.
        reason: String,
    },
    /// The system cannot create a thread.
    #[non_exhaustive]
    Spawn {
        /// The thread.
        thread: String,
        /// The error of the system.
        source: io::Error,
    },
}

impl fmt::Display for PeriodicStartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyStarted => f.write_str("the periodic threads of this server are already running"),
            Self::ServerNameTaken { name: None } => f.write_str(
                "another server of this process runs periodic threads: set a `.name(\"..\")` on the builder, or leave them out with `.periodic(false)`",
            ),
            Self::ServerNameTaken { name: Some(name) } => write!(
                f,
                "another server of this process named {name:?} runs periodic threads: choose another `.name(\"..\")`, or leave them out with `.periodic(false)`"
            ),
            Self::ThreadsNotStarted { thread } => write!(
                f,
                "periodic thread {thread:?} cannot start: its server does not run its periodic threads; start the server, or call `periodic_threads().start()`"
            ),
            Self::NoRuntime { thread } => write!(
                f,
                "periodic thread {thread:?} has an async body and there is no tokio runtime here: start the threads inside one"
            ),
            Self::NotStopped { thread, state } => write!(
                f,
                "periodic thread {thread:?} is {state}: it can start again when the old loop has ended"
            ),
            Self::NameTaken { thread } => {
                write!(f, "this server has a periodic thread {thread:?}: choose another name")
            }
            Self::Invalid { thread, reason } => write!(f, "periodic thread {thread:?}: {reason}"),
            Self::Spawn { thread, source } => {
                write!(f, "cannot create an OS thread for periodic thread {thread:?}: {source}")
            }
        }
    }
}

// `main` prints errors with Debug: show the text that helps.
impl fmt::Debug for PeriodicStartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for PeriodicStartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Spawn { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// A periodic thread without a loop cannot be run, paused or resumed.
///
/// ```standalone_crate
/// use admin_runtime::periodic::{NotRunning, ThreadState};
/// use admin_runtime::{AdminServer, periodic};
///
/// #[periodic]
/// fn evictor() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?; // only `start()` lets it run
/// let evictor = server.periodic_threads().get("evictor").ok_or("not linked")?;
/// let error: NotRunning = evictor.run_now().unwrap_err();
/// assert_eq!(error.state, ThreadState::Stopped);
/// assert_eq!(error.to_string(), "Thread is not running: evictor (stopped)");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotRunning {
    /// The thread.
    pub thread: String,
    /// Its state.
    pub state: ThreadState,
}

impl fmt::Display for NotRunning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thread is not running: {} ({})", self.thread, self.state)
    }
}

impl std::error::Error for NotRunning {}

/// A periodic thread did not stop in time; it ends after the run in progress.
///
/// ```standalone_crate
/// use admin_runtime::periodic::{StillRunning, ThreadState};
/// use admin_runtime::{AdminServer, periodic};
/// use std::time::Duration;
///
/// #[periodic]
/// fn slow() {
///     std::thread::sleep(Duration::from_secs(1));
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let running = server.periodic_threads().start()?;
/// let slow = running.threads().get("slow").ok_or("not linked")?;
/// # let timeout = Duration::from_secs(20);
/// # assert!(slow.wait_until(timeout, |status| status.state == ThreadState::Running));
/// let error: StillRunning = slow.stop(Duration::from_millis(1)).unwrap_err();
/// assert_eq!(error.to_string(), r#"periodic thread "slow" is still inside a run after 1ms"#);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StillRunning {
    /// The thread.
    pub thread: String,
    /// How long the caller waited.
    pub waited: Duration,
}

impl fmt::Display for StillRunning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { thread, waited } = self;
        write!(
            f,
            "periodic thread {thread:?} is still inside a run after {waited:?}"
        )
    }
}

impl std::error::Error for StillRunning {}
