//! Why periodic threads do not start, join or obey.

use std::fmt;
use std::io;
use std::time::Duration;

use super::health::PeriodicState;

/// Why a periodic thread, or a server's set of them, did not start.
///
/// ```
/// use admin_runtime::{PeriodicStartError, PeriodicState};
///
/// /// Whether it may start when tried again later.
/// fn passes(error: &PeriodicStartError) -> bool {
///     matches!(error, PeriodicStartError::NotStopped { .. } | PeriodicStartError::Spawn { .. })
/// }
/// # let (thread, state) = ("evictor".to_owned(), PeriodicState::Stopping);
/// let error = PeriodicStartError::NotStopped { thread, state };
/// assert!(passes(&error));
/// assert_eq!(
///     error.to_string(),
///     r#"periodic thread "evictor" is stopping: it starts again when the old loop has ended"#,
/// );
/// ```
#[non_exhaustive]
pub enum PeriodicStartError {
    /// The set runs already.
    AlreadyStarted,
    /// Another live set in the process has the same name, or neither has one.
    SecondSet {
        /// The name of this server, if it has one.
        name: Option<String>,
    },
    /// The set does not run.
    SetNotStarted {
        /// The thread.
        thread: String,
    },
    /// A thread with an async body, and no tokio runtime.
    NoRuntime {
        /// The thread.
        thread: String,
    },
    /// The old loop still exists.
    NotStopped {
        /// The thread.
        thread: String,
        /// What it is doing.
        state: PeriodicState,
    },
    /// The server has a thread of this name.
    NameTaken {
        /// The name.
        thread: String,
    },
    /// The name or a setting cannot be used.
    Invalid {
        /// The thread.
        thread: String,
        /// What is allowed.
        reason: String,
    },
    /// The system gave no thread.
    Spawn {
        /// The thread.
        thread: String,
        /// What the system said.
        source: io::Error,
    },
}

impl fmt::Display for PeriodicStartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyStarted => f.write_str("the periodic threads of this server run already"),
            Self::SecondSet { name: None } => f.write_str(
                "another server of this process runs periodic threads: tell them apart with `.name(\"..\")` on the builder, or leave them out with `.periodic(false)`",
            ),
            Self::SecondSet { name: Some(name) } => write!(
                f,
                "another server of this process named {name:?} runs periodic threads: choose another `.name(\"..\")`, or leave them out with `.periodic(false)`"
            ),
            Self::SetNotStarted { thread } => write!(
                f,
                "periodic thread {thread:?} cannot start: its server does not run its periodic threads; start the server, or call `periodic_threads().start()`"
            ),
            Self::NoRuntime { thread } => write!(
                f,
                "periodic thread {thread:?} has an async body and there is no tokio runtime here: start the threads inside one"
            ),
            Self::NotStopped { thread, state } => write!(
                f,
                "periodic thread {thread:?} is {state}: it starts again when the old loop has ended"
            ),
            Self::NameTaken { thread } => {
                write!(f, "this server has a periodic thread {thread:?}: choose another name")
            }
            Self::Invalid { thread, reason } => write!(f, "periodic thread {thread:?}: {reason}"),
            Self::Spawn { thread, source } => {
                write!(f, "no thread for periodic thread {thread:?}: {source}")
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

/// A periodic thread that has no loop cannot be woken, paused or resumed.
///
/// ```
/// use admin_runtime::{NotRunning, PeriodicState};
///
/// let error = NotRunning { thread: "evictor".to_owned(), state: PeriodicState::Dead };
/// assert_eq!(error.to_string(), "Thread is not running: evictor (dead)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRunning {
    /// The thread.
    pub thread: String,
    /// What it is instead.
    pub state: PeriodicState,
}

impl fmt::Display for NotRunning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thread is not running: {} ({})", self.thread, self.state)
    }
}

impl std::error::Error for NotRunning {}

/// A periodic thread was asked to stop and is still inside a run; it ends after that run.
///
/// ```
/// use admin_runtime::StillRunning;
/// use std::time::Duration;
///
/// let error = StillRunning { thread: "evictor".to_owned(), waited: Duration::from_secs(5) };
/// assert_eq!(error.to_string(), r#"periodic thread "evictor" is still inside a run after 5s"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StillRunning {
    /// The thread.
    pub thread: String,
    /// How long was waited.
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
